/** A variable that names several things. */
import * as z from 'zod/mini'

/** Names separated by commas or spaces, each once; each that is not accepted is a fault. */
export function listOf(accepts: (name: string) => boolean, fault: string) {
  const names = z.pipe(
    z.string(),
    z.transform((text) => [...new Set(text.split(/[\s,]+/).filter(Boolean))]),
  )
  return names.check(
    z.superRefine((names, context) => {
      if (names.length === 0) context.addIssue({ code: 'custom', message: 'names nothing' })
      for (const name of names.filter((name) => !accepts(name))) {
        context.addIssue({ code: 'custom', message: `${JSON.stringify(name)} ${fault}` })
      }
    }),
  )
}
