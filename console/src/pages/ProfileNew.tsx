export function ProfileNew() { return null; }
