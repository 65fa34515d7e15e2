/** What may be an address and a key of the ticket server: checked with the configuration, and where they are used. */

/** Why a text can't be `TICKET_BACKEND_URL`; `undefined` when it can. It is quoted in messages: no password in it. */
export function urlFault(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isGood =
    url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !/[?#]/.test(text)
  return isGood
    ? undefined
    : 'is not an address like https://tickets.example.org, without user name or password, ? or #'
}

/** Why a text can't be `TICKET_BACKEND_TOKEN`; `fetch` would refuse it with the token in its message. */
export function tokenFault(text: string): string | undefined {
  return /^[!-~](?:[ -~]*[!-~])?$/.test(text)
    ? undefined
    : 'is empty or holds a character that no HTTP header can (a line break or a space at its end?)'
}
