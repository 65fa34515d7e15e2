/**
 * People who correct a day while a run is under way: right when its post comes, another one's of the same handful, or
 * after the run was told what people had done. And what a run puts back, which is as if a person had set it.
 */
import type { StandInRequest } from '@presences/aggregator/testing/stand-ins/tickets/answer.ts'
import type { Random } from '../../random.ts'
import { dayAfter, localTime } from '../runtime/civil-time.ts'
import { setAt } from '../world/acts.ts'
import { dayKey, emailOf, type Person } from '../world/world.ts'
import type { Life } from './life.ts'

const SETTING = /^\/api\/members\/([^/]+)\/activity(?:\/(.+))?$/

/** Acts, now and then, as requests come to the ticket server. */
export function actsInRuns(life: Life, firstDay: string, random: Random) {
  const { world, space, time, faults, trail } = life
  return (when: 'before' | 'after', request: StandInRequest): void => {
    if (when === 'after') notePutBack(request)
    if (life.isCalm || faults['acts-in-runs'] === 0) return
    const often = faults['acts-in-runs']
    if (when === 'before' && request.path === '/api/presence' && random.chance(often * 0.06)) {
      const { email = '', date = '' } = request.params
      const posted = present().find((person) => emailOf(person) === email)
      const person = random.chance(0.7) ? posted : random.pick(present())
      if (person) correct(person, date)
    }
    const isTold = when === 'after' && request.path.endsWith('/audit')
    if (isTold && random.chance(often * 0.04)) {
      const ago = random.pick([0, 0, 0, 1, 2])
      correct(random.pick(present()), dayAfter(localTime(time.now()).day, -ago))
    }
  }

  function present(): Person[] {
    return world.people.filter(({ leftOn }) => leftOn === undefined)
  }

  function correct(person: Person, day: string): void {
    if (day < firstDay || day < person.joinedOn) return
    const { state } = space
    setAt(person, day, time.now(), {
      world,
      state,
      random,
      note: trail.note,
      order: space.nextOrder(),
    })
  }

  function notePutBack({ method, path, params }: StandInRequest): void {
    const [, id = '', changed] = SETTING.exec(path) ?? []
    const day = changed ?? params.date ?? ''
    if (method === 'GET' || id === '') return
    const at = time.now()
    const { value = '', comment = '' } = params
    const key = dayKey(id, day)
    const made = { at, order: space.nextOrder(), value: Number(value), comment, author: undefined }
    world.corrections.set(key, [...(world.corrections.get(key) ?? []), made])
    trail.note(`${id} ${day} is put back to ${value}`)
  }
}
