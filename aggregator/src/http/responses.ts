/**
 * What the service answers, as zod schemas: they type the handlers and describe themselves in
 * `/openapi.json`. Errors have the ticket server's shape, `{status, message}`.
 */
import { z } from '@hono/zod-openapi'

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

export const EvidenceBody = z
  .object({
    day,
    email: z.string(),
    amount,
    slotCount: z.int(),
    slots: z
      .array(z.string())
      .openapi({ description: 'Local times the slots begin', example: ['08:50'] }),
    locations: z.array(z.string()),
    devices: z.array(
      z.object({
        mac: z.string().openapi({ description: 'Shortened, unless ?macs=whole' }),
        location: z.string(),
        minutes: z.int(),
        slotCount: z.int(),
      }),
    ),
  })
  .openapi('Evidence')

const Posted = z.object({ email: z.string(), amount })
const Failed = z.object({ email: z.string(), amount, reason: z.string() })

export const SettledBody = z
  .object({
    day,
    message: z.string(),
    posted: z.array(Posted),
    failed: z.array(Failed),
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
      .object({ slots: z.int(), amount })
      .nullable()
      .openapi({ description: "The owner's whole day, from all devices and locations" }),
    outcome: z.enum(['posted', 'would be posted', 'nothing to post', 'failed']),
    reason: z.string().optional(),
  })
  .openapi('ReplayedDay')

export const ReplayedBody = z
  .object({
    mac: z.string().openapi({ description: 'Shortened' }),
    from: day,
    to: day,
    owner: z
      .string()
      .nullable()
      .openapi({ description: 'E-mail or name; null when nobody registered the device' }),
    message: z.string(),
    days: z.array(ReplayedDayBody).openapi({ description: 'The days the device was seen' }),
    unreadable: z
      .array(z.string())
      .openapi({ description: 'Days that could not be computed, and why' }),
  })
  .openapi('Replayed')

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

/** The errors every route may answer with. */
export const errors = {
  400: json(ErrorBody, 'What was asked for is not accepted: the message says what is'),
  401: json(ErrorBody, 'No token, or an unknown one'),
  502: json(ErrorBody, 'The store or the ticket server could not be used'),
}
