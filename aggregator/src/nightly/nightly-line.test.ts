import { describe, expect, test } from 'vitest'
import { englishLine, frenchLine, hasTodo, type NightlyCounts } from './nightly-line.ts'

const nothing = {
  failedPosts: 0,
  unreadableDays: 0,
  heldToLook: 0,
  heldToRetry: 0,
  uncharged: 0,
  daysWithoutData: 0,
  damagedFiles: 0,
  roomsNotLookedAt: 0,
  proposals: 0,
  unremembered: 0,
}
const quiet: NightlyCounts = {
  members: 27,
  tickets: 24.5,
  coveragePercent: 100,
  daysCaughtUp: 1,
  todo: nothing,
}

describe('the nightly line', () => {
  test.each<[Partial<NightlyCounts>, string, string]>([
    [
      {},
      '27 members, 24.5 tickets, probes looked 100 %, 1 day caught up, nothing to do',
      '27 membres, 24,5 tickets, les sondes ont regardé 100 % du temps, 1 jour rattrapé, rien à faire',
    ],
    [
      { members: 1, tickets: 1, daysCaughtUp: 0 },
      '1 member, 1.0 ticket, probes looked 100 %, nothing to do',
      '1 membre, 1,0 ticket, les sondes ont regardé 100 % du temps, rien à faire',
    ],
    [
      { members: 0, tickets: 0, daysCaughtUp: 2, coveragePercent: undefined },
      '0 members, 0.0 tickets, looking unknown, 2 days caught up, nothing to do',
      '0 membre, 0,0 ticket, temps regardé inconnu, 2 jours rattrapés, rien à faire',
    ],
    [
      { tickets: 1.5, daysCaughtUp: 0, todo: { ...nothing, failedPosts: 1, heldToLook: 2 } },
      '27 members, 1.5 tickets, probes looked 100 %, to do: 1 post failed, tried again at the next run; 2 amounts held, somebody must look',
      '27 membres, 1,5 ticket, les sondes ont regardé 100 % du temps, à faire : 1 envoi a échoué, nouvel essai au prochain passage ; 2 montants retenus, à regarder',
    ],
  ])('%j', (change, english, french) => {
    expect(englishLine({ ...quiet, ...change })).toBe(english)
    expect(frenchLine({ ...quiet, ...change })).toBe(french)
  })

  test.each(Object.keys(nothing))('names %s in both languages', (key) => {
    const todo = { ...nothing, [key]: 3 }
    expect(hasTodo(todo)).toBe(true)
    expect(englishLine({ ...quiet, todo })).toMatch(/to do: 3 /)
    expect(frenchLine({ ...quiet, todo })).toMatch(/à faire : 3 /)
  })

  test('nothing is to do when nothing is', () => {
    expect(hasTodo(nothing)).toBe(false)
  })
})
