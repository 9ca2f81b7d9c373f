/** Microsoft's clouds, by the contract's names. */
export const CLOUDS = ["global", "us_government", "us_government_dod", "china"];
