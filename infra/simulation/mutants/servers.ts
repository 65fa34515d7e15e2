/** What is said to the bucket and to the ticket server, broken. */
import type { Mutant } from './mutant.ts'

export const SERVERS: readonly Mutant[] = [
  {
    name: 'takes-501-for-written',
    what: 'loses a conditional write that the server does not know',
    file: 'store/write-merged.ts',
    from: "const isConditional = put.outcome !== 'unsupported'",
    to: "const isConditional = true; if (put.outcome === 'unsupported') return { value: mine, etag: known }",
  },
  {
    name: 'plain-plus',
    what: 'sends e-mails as they are: a + arrives as a space',
    file: 'tickets/http/ticket-request.ts',
    from: 'body: new URLSearchParams(request.form)',
    to: "body: Object.entries(request.form).map((pair) => pair.join('=')).join('&')",
  },
]
