/** Runs on a space, day after day, as whoever reads their output sees them. */
import type { Ran, Space } from './space.ts'

/** A run, with the lines about a day, the posts that reached the ticket server, and the nightly line. */
export interface Charged extends Ran {
  readonly lines: readonly string[]
  /** `2026-11-16 ana@example.org 0.5`. */
  readonly posts: string[]
  readonly nightly: string
}

/** It is 22:15 in Paris on `day`, in winter. */
export function night(space: Space, day: string): void {
  space.clock.now = new Date(`${day}T21:15:00Z`)
}

/** Runs a command, and tells what came of it. */
export async function charge(space: Space, ...args: string[]): Promise<Charged> {
  const before = space.tickets.posts.length
  const ran = await space.run(...args)
  const lines = ran.out.filter((line) => /^\d{4}-\d{2}-\d{2} /.test(line))
  const posts = space.tickets.posts
    .slice(before)
    .map(({ email, date, amount }) => `${date} ${email} ${amount}`)
  return { ...ran, lines, posts, nightly: ran.out.at(-2) ?? '' }
}
