/**
 * An administrator who reads what a night says: some of the posts that failed they close, agreed with the member; some of
 * those they reopen on a later evening, and then it is to be charged after all.
 */
import type { Random } from '../../random.ts'
import { localTime } from '../runtime/civil-time.ts'
import type { Ran } from '../space/space.ts'
import { dayKey, emailOf, isClosed, type Person } from '../world/world.ts'
import type { Life } from './life.ts'

const NOT_POSTED = /^(\d{4}-\d\d-\d\d) (\S+) .* NOT POSTED: /

/** After the night of `day`, which ended well. */
export async function closeDays(day: string, ran: Ran, life: Life, random: Random): Promise<void> {
  const { world, faults, isCalm, time } = life
  const often = faults['closed-days']
  // A ledger that is lost takes its closings along: nothing else knows them.
  if (isCalm || often === 0 || faults['old-ledger'] > 0) return
  for (const [key, said] of [...world.closings]) {
    const [id, on = ''] = key.split(' ')
    const person = present(life).find((each) => each.id === id)
    if (!person || !isClosed(said) || !random.chance(0.15)) continue
    await say('reopen', person, on, life)
  }
  for (const line of ran.out) {
    const [, on = '', email] = NOT_POSTED.exec(line) ?? []
    const person = present(life).find((each) => emailOf(each) === email)
    const isStillToday = localTime(time.now()).day === day
    if (!person || !isStillToday || !random.chance(0.2 + 0.5 * often)) continue
    await say('close', person, on, life)
  }
}

function present({ world }: Life): Person[] {
  return world.people.filter(({ leftOn }) => leftOn === undefined)
}

async function say(
  statement: 'close' | 'reopen',
  person: Person,
  day: string,
  { world, space, time }: Life,
): Promise<void> {
  const because = statement === 'close' ? ['agreed by phone'] : ['came back', '--undo']
  const args = ['close', day, emailOf(person), '--by', 'Paul', '--because', ...because]
  const { code } = await time.until(space.close(args))
  // Nothing was open, or closed.
  if (code === 2) return
  const key = dayKey(person.id, day)
  // One that did not come to its end may have been written down all the same.
  const isSure = code === 0 || code === 1
  const said = { order: space.nextOrder(), statement, isSure }
  world.closings.set(key, [...(world.closings.get(key) ?? []), said])
}
