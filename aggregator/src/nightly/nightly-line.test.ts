import { describe, expect, test } from 'vitest'
import { NOTHING_TO_DO as nothing } from '../../testing/nothing-to-do.ts'
import { englishLine, frenchLine, hasTodo, type NightlyCounts } from './nightly-line.ts'

const quiet: NightlyCounts = {
  members: 27,
  tickets: 24.5,
  coveragePercent: 100,
  daysCaughtUp: 1,
  roomDaysWithdrawn: 0,
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
    [
      { daysCaughtUp: 0, roomDaysWithdrawn: 1 },
      '27 members, 24.5 tickets, probes looked 100 %, 1 room and day with evidence withdrawn, nothing to do',
      '27 membres, 24,5 tickets, les sondes ont regardé 100 % du temps, données retirées sur 1 jour de salle, rien à faire',
    ],
    [
      { daysCaughtUp: 0, roomDaysWithdrawn: 2 },
      '27 members, 24.5 tickets, probes looked 100 %, 2 rooms and days with evidence withdrawn, nothing to do',
      '27 membres, 24,5 tickets, les sondes ont regardé 100 % du temps, données retirées sur 2 jours de salle, rien à faire',
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

  // In French the plural begins with two; in English everything but one is plural.
  test.each([
    [0, '0.0 tickets', '0,0 ticket'],
    [0.5, '0.5 tickets', '0,5 ticket'],
    [1, '1.0 ticket', '1,0 ticket'],
    [1.5, '1.5 tickets', '1,5 ticket'],
    [2, '2.0 tickets', '2,0 tickets'],
  ])('%d tickets', (tickets, english, french) => {
    expect(englishLine({ ...quiet, tickets }).split(', ')[1]).toBe(english)
    expect(frenchLine({ ...quiet, tickets }).split(/, (?=\d)|, (?=les)/)[1]).toBe(french)
  })

  test.each([
    [0, '0 members', '0 membre'],
    [1, '1 member', '1 membre'],
    [2, '2 members', '2 membres'],
  ])('%i members', (members, english, french) => {
    expect(englishLine({ ...quiet, members }).split(',')[0]).toBe(english)
    expect(frenchLine({ ...quiet, members }).split(',')[0]).toBe(french)
  })

  test.each<[keyof typeof nothing, string, string, string, string]>([
    ['failedPosts', '1 post f', '2 posts f', '1 envoi a échoué,', '2 envois ont échoué,'],
    [
      'unreadableDays',
      '1 day could',
      '2 days could',
      "1 jour n'a pas pu être lu,",
      "2 jours n'ont pas pu être lus,",
    ],
    ['heldToLook', '1 amount h', '2 amounts h', '1 montant retenu,', '2 montants retenus,'],
    ['heldToRetry', '1 amount h', '2 amounts h', '1 montant retenu en', '2 montants retenus en'],
    [
      'uncharged',
      '1 person could',
      '2 people could',
      "1 personne n'a pas pu être débitée",
      "2 personnes n'ont pas pu être débitées",
    ],
    ['daysWithoutData', '1 day without', '2 days without', '1 jour sans', '2 jours sans'],
    [
      'roomsNotLookedAt',
      '1 room looked',
      '2 rooms looked',
      '1 salle trop peu regardée,',
      '2 salles trop peu regardées,',
    ],
    ['damagedFiles', '1 file d', '2 files d', '1 fichier abîmé,', '2 fichiers abîmés,'],
    ['proposals', '1 device r', '2 devices r', '1 appareil déclaré t', '2 appareils déclarés t'],
    [
      'unremembered',
      '1 note of',
      '2 notes of',
      "1 note de ce qui reste à faire n'a pas pu être gardée,",
      "2 notes de ce qui reste à faire n'ont pas pu être gardées,",
    ],
  ])('%s: one and two', (key, one, two, une, deux) => {
    const lines = [1, 2].map((count) => ({ ...quiet, todo: { ...nothing, [key]: count } }))
    expect(lines.map(englishLine)).toEqual([
      expect.stringContaining(`to do: ${one}`),
      expect.stringContaining(`to do: ${two}`),
    ])
    expect(lines.map(frenchLine)).toEqual([
      expect.stringContaining(`à faire : ${une}`),
      expect.stringContaining(`à faire : ${deux}`),
    ])
  })

  test('nothing is to do when nothing is', () => {
    expect(hasTodo(nothing)).toBe(false)
  })
})
