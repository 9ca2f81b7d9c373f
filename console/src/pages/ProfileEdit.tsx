export function ProfileEdit() { return null; }
