/**
 * What the service answers, as zod schemas: they type the handlers and describe themselves in
 * `/openapi.json`. Errors have the ticket server's shape, `{status, message}`.
 */
import { z } from '@hono/zod-openapi'
import type { MemberSettled } from '../charging/settle-day.ts'

const day = z.string().openapi({ example: '2026-11-20' })
const amount = z
  .union([z.literal(0), z.literal(0.5), z.literal(1)])
  .openapi({ description: 'Tickets' })

export const ErrorBody = z
  .object({ status: z.int(), message: z.string() })
  .openapi('Error', { description: 'What failed, why, and what to do' })

export function errorBody(status: number, message: string): z.infer<typeof ErrorBody> {
  return { status, message }
}

const MemberPresence = z
  .object({ email: z.string(), amount, slotCount: z.int() })
  .openapi('MemberPresence')

export const DayPresencesBody = z
  .object({
    day,
    members: z.array(MemberPresence).openapi({ description: 'Sorted by e-mail, amounts above 0' }),
    uncharged: z
      .array(z.string())
      .openapi({ description: 'Who was there and can not be charged, and why' }),
    warnings: z
      .array(z.string())
      .openapi({ description: 'Raw files that could not be used as they are' }),
  })
  .openapi('DayPresences')

const Decision = z.enum(['post', 'skip', 'hold'])
const last = z
  .union([z.number(), z.literal('unreadable')])
  .nullable()
  .openapi({ description: 'What the ticket server had; null: nothing' })
const outcome = z
  .enum(['posted', 'refused', 'unknown'])
  .optional()
  .openapi({ description: 'Only where something was posted; unknown: no good answer' })

const MemberSettledBody = z
  .object({ email: z.string(), was: last, amount, decision: Decision, reason: z.string(), outcome })
  .openapi('MemberSettled')

export const SettledBody = z
  .object({
    day,
    message: z.string(),
    members: z.array(MemberSettledBody),
    uncharged: z.array(z.string()),
    warnings: z.array(z.string()),
  })
  .openapi('Settled')

export const ReplayedDayBody = z
  .object({
    day,
    minutes: z.int().openapi({ description: 'Minutes the device was seen' }),
    slots: z.int().openapi({ description: 'Slots of the opening hours the device was seen in' }),
    locations: z.array(z.string()),
    owner: z
      .string()
      .nullable()
      .openapi({ description: 'Who had the device that day; null: nobody ever registered it' }),
    source: z
      .enum(['map', 'registered-late', 'audit'])
      .nullable()
      .openapi({ description: 'Where the ownership is known from' }),
    member: MemberSettledBody.extend({ slotCount: z.int() })
      .nullable()
      .openapi({ description: "The owner's whole day, from all devices and locations" }),
  })
  .openapi('ReplayedDay')

export const ReplayedBody = z
  .object({
    mac: z.string().openapi({ description: 'Shortened' }),
    from: day,
    to: day,
    message: z.string(),
    days: z.array(ReplayedDayBody).openapi({ description: 'The days the device was seen' }),
    unreadable: z
      .array(z.string())
      .openapi({ description: 'Days that could not be computed, and why' }),
    warnings: z.array(z.string()),
  })
  .openapi('Replayed')

/** What became of one member, for a body. */
export function memberBody({
  email,
  last,
  computed,
  decided,
  outcome,
}: MemberSettled): z.infer<typeof MemberSettledBody> {
  return {
    email,
    was: typeof last === 'object' ? last.amount : last === 'none' ? null : last,
    amount: computed,
    decision: decided.decision,
    reason: decided.reason,
    ...(outcome && { outcome }),
  }
}

/** A result of which a part failed: the error's shape, and all the rest. */
export function partly<Shape extends z.ZodRawShape>(body: z.ZodObject<Shape>) {
  return ErrorBody.and(body)
}

export const ReadinessBody = z
  .object({ ready: z.boolean(), checks: z.record(z.string(), z.string()) })
  .openapi('Readiness')

/** A response of JSON, for a route's description. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } }
}

/** Of a route that charges, to a client that would not know why nothing comes. */
export const alreadyCharging = json(
  ErrorBody,
  'Another run charges: the message says which; to be asked again, see Retry-After',
)

/** The errors every route may answer with. */
export const errors = {
  400: json(ErrorBody, 'What was asked for is not accepted: the message says what is'),
  401: json(ErrorBody, 'No token, or an unknown one'),
  502: json(ErrorBody, 'The store or the ticket server could not be used'),
  503: json(ErrorBody, 'Enough of this is under way: to be asked again, see Retry-After'),
}
