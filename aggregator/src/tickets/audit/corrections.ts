/** What an audit event says of a day that a person added or edited. */
import { type LocalDay, oneLine, parseLocalDay } from '@presences/shared'
import { z } from 'zod'
import { firstIssue } from '../http/json-answer.ts'
import type { Correction } from '../tickets.ts'

/** The actions that this file understands. */
export const CORRECTION_ACTIONS: readonly string[] = [
  'MEMBER_ACTIVITY_ADD',
  'MEMBER_ACTIVITY_UPDATE',
]

/** The value as typed into a form may come as text. */
const VALUE = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(?:\.\d+)?$/)
    .transform(Number),
])

const CONTEXT = z.object({
  activity: z
    .object({ date: z.string(), value: VALUE.nullish(), overrideValue: VALUE.nullish() })
    .nullish(),
  previousActivity: z.object({ date: z.string() }).nullish(),
  comment: z.string().nullish(),
})

/** The day, value and comment of a correction, or in words why they can't be told. */
export function correctedDayOf(
  context: unknown,
): Pick<Correction, 'day' | 'value' | 'comment'> | string {
  const { data, error } = CONTEXT.safeParse(context)
  if (error) return firstIssue(error)
  const { activity, previousActivity } = data
  const day = dayOf(activity ?? previousActivity)
  if (day === undefined) return 'it names no day that the calendar has'
  // An edit that leaves no activity behind has deleted the day.
  const value = activity ? (activity.overrideValue ?? activity.value) : 0
  if (value === undefined || value === null) return 'it names no value'
  return { day, value, comment: oneLine(data.comment ?? '') }
}

function dayOf(activity: { readonly date: string } | null | undefined): LocalDay | undefined {
  return activity ? parseLocalDay(activity.date) : undefined
}
