/**
 * Lists from the ticket server, told from whatever else may answer 200 in its place: a page, an empty
 * body or an object must never pass for an empty list, which would mean "nobody changed anything".
 */
import { LIMITS } from '@presences/shared'
import type { z } from 'zod'
import { TicketsError } from '../tickets.ts'
import type { Answer } from './ticket-answer.ts'
import type { SendTicketRequest } from './ticket-request.ts'

/** A list to ask for: see TicketRequest. */
interface ListRequest {
  readonly doing: string
  readonly path: string
  readonly final?: (answer: Answer) => boolean
}

/** Asks for a JSON list and returns its items, of any shape. Throws TicketsError. */
export async function askList(
  send: SendTicketRequest,
  request: ListRequest,
): Promise<readonly unknown[]> {
  const read: { items: readonly unknown[] } = { items: [] }
  await send({
    ...request,
    method: 'GET',
    mostBytes: LIMITS.ticketListBytes,
    expects: (answer) => {
      const items = listIn(answer)
      if (items === undefined) return 'not with a JSON list'
      if (items.length > LIMITS.ticketListRows) return `with a list of ${items.length} rows`
      read.items = items
      return undefined
    },
  })
  return read.items
}

/** `items` as `shape` has them. Throws TicketsError, `refused`: the same answer would come again. */
export function shapedAs<Shape>(
  shape: z.ZodType<Shape>,
  items: readonly unknown[],
  doing: string,
): Shape {
  const { data, error } = shape.safeParse(items)
  if (!error) return data
  throw new TicketsError(
    'refused',
    `Can't ${doing}: the answer is not what the ticket server used to send (${firstIssue(error)}); its API has changed: report it with this message`,
  )
}

/** What is wrong first, with where: no value, which may be private. */
export function firstIssue({ issues: [issue] }: z.ZodError): string {
  if (issue === undefined) return 'it has another shape'
  return issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message
}

function listIn({ contentType, body }: Answer): readonly unknown[] | undefined {
  if (!/^application\/json\b/i.test(contentType)) return undefined
  try {
    const value: unknown = JSON.parse(body)
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
