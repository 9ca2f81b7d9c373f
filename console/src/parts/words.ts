// How the contract's names are written for people.
const WORDS: Record<string, string> = {
  partially_verified: "Partially verified",
  imap: "IMAP",
  pop3: "POP3",
  microsoft_graph: "Microsoft 365 (Graph)",
  gmail: "Gmail (API)",
  none: "None",
  ssl_tls: "SSL/TLS",
  starttls: "STARTTLS",
  plain: "Plain",
  ntlm: "NTLM",
  cram_md5: "CRAM-MD5",
  smtp: "Mail server (SMTP)",
  us_government: "US government",
  us_government_dod: "US government, DoD",
  xoauth2: "OAuth 2.0 (XOAUTH2)",
  readonly: "Read only",
  ok: "OK",
  openssl: "OpenSSL",
  resolve: "Resolve the name",
  connect: "Connect",
  tls: "Negotiate TLS",
  greeting: "Greeting",
  authenticate: "Log in",
  open_mailbox: "Open the mailbox",
  search: "Search for the code",
  found: "Code found",
};

export function word(name: string): string {
  if (name.startsWith("smtp_")) return `SMTP: ${word(name.slice(5))}`;
  return WORDS[name] ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
}

/** A moment where the reader is, with the name of that time zone. */
export function when(time: string | null | undefined): string {
  return time ? new Date(time).toLocaleString(undefined, { timeZoneName: "short" }) : "never";
}
