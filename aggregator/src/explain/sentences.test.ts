import { describe, expect, test } from 'vitest'
import { entry, type SampleDay, sample, slotsFrom } from '../../testing/explain-samples.ts'
import { answer, explanationLines, type Lang, reservations, wordsOf } from './sentences.ts'

/** Such as `Sunday 1 November 2026`, `dimanche 1er novembre 2026`; from Intl, which is none of ours. */
function dateByIntl(date: Date, lang: Lang): string {
  const style = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const
  const parts = new Intl.DateTimeFormat(lang, { ...style, timeZone: 'UTC' }).formatToParts(date)
  const { weekday, day, month, year } = Object.fromEntries(
    parts.map(({ type, value }) => [type, value]),
  )
  return `${weekday} ${day}${lang === 'fr' && day === '1' ? 'er' : ''} ${month} ${year}`
}

const seen = (count: number): SampleDay => ({
  seen: { poulailler: { 1: slotsFrom('08:52', count) } },
})

describe('the answer', () => {
  test.each<[string, SampleDay, string, string]>([
    [
      'a whole day by two devices',
      { seen: { poulailler: { 1: slotsFrom('08:52', 30), 2: ['18:40'] } } },
      '31 slots between 08:52 and 18:40, by 2 devices at poulailler: 1 ticket; 30 slots are needed.',
      '31 tranches entre 08:52 et 18:40, avec 2 appareils à poulailler : 1 ticket ; il en faut 30.',
    ],
    [
      'a single minute',
      seen(1),
      '1 slot at 08:52, by 1 device at poulailler: no ticket; 3 slots are needed for 0.5 ticket.',
      '1 tranche à 08:52, avec 1 appareil à poulailler : aucun ticket ; il faut 3 tranches pour 0,5 ticket.',
    ],
    [
      '2 slots',
      seen(2),
      '2 slots between 08:52 and 09:02, by 1 device at poulailler: no ticket; 3 slots are needed for 0.5 ticket.',
      '2 tranches entre 08:52 et 09:02, avec 1 appareil à poulailler : aucun ticket ; il faut 3 tranches pour 0,5 ticket.',
    ],
    [
      '3 slots',
      seen(3),
      '3 slots between 08:52 and 09:12, by 1 device at poulailler: 0.5 ticket; 3 slots are needed, and 30 for 1 ticket.',
      '3 tranches entre 08:52 et 09:12, avec 1 appareil à poulailler : 0,5 ticket ; il en faut 3, et 30 pour 1 ticket.',
    ],
    [
      '29 slots',
      seen(29),
      '29 slots between 08:52 and 13:32, by 1 device at poulailler: 0.5 ticket; 3 slots are needed, and 30 for 1 ticket.',
      '29 tranches entre 08:52 et 13:32, avec 1 appareil à poulailler : 0,5 ticket ; il en faut 3, et 30 pour 1 ticket.',
    ],
    [
      '30 slots',
      seen(30),
      '30 slots between 08:52 and 13:42, by 1 device at poulailler: 1 ticket; 30 slots are needed.',
      '30 tranches entre 08:52 et 13:42, avec 1 appareil à poulailler : 1 ticket ; il en faut 30.',
    ],
    [
      'three locations',
      { seen: { c: { 1: ['09:00'] }, a: { 1: ['10:00'] }, b: { 1: ['11:00'] } } },
      '3 slots between 09:00 and 11:00, by 1 device at a, b and c: 0.5 ticket; 3 slots are needed, and 30 for 1 ticket.',
      '3 tranches entre 09:00 et 11:00, avec 1 appareil à a, b et c : 0,5 ticket ; il en faut 3, et 30 pour 1 ticket.',
    ],
    [
      'a device and a location that fill nothing are not named',
      { seen: { a: { 1: ['09:00'] }, night: { 2: ['23:00'] } } },
      '1 slot at 09:00, by 1 device at a: no ticket; 3 slots are needed for 0.5 ticket.',
      '1 tranche à 09:00, avec 1 appareil à a : aucun ticket ; il faut 3 tranches pour 0,5 ticket.',
    ],
    [
      'not seen',
      {},
      'No device registered for ana@example.org was seen: no ticket.',
      "Aucun appareil enregistré pour ana@example.org n'a été vu : aucun ticket.",
    ],
    [
      'without a device',
      { with: { registeredDevices: 0 } },
      'No device is registered for ana@example.org, so none could be seen: no ticket.',
      "Aucun appareil n'est enregistré pour ana@example.org, donc aucun n'a pu être vu : aucun ticket.",
    ],
  ])('%s', (_, described, english, inFrench) => {
    const explained = sample(described)
    expect(answer(explained, 'en')).toBe(english)
    expect(answer(explained, 'fr')).toBe(inFrench)
  })

  test.each([
    [
      ['07:59'],
      '1 device was seen, but only outside the opening hours (08:00 to 22:00): no ticket.',
      "1 appareil a été vu, mais seulement hors des heures d'ouverture (de 08:00 à 22:00) : aucun ticket.",
    ],
    [
      ['07:59', '22:00'],
      '2 devices were seen, but only outside the opening hours (08:00 to 22:00): no ticket.',
      "2 appareils ont été vus, mais seulement hors des heures d'ouverture (de 08:00 à 22:00) : aucun ticket.",
    ],
  ])('seen only at %j', (times, english, inFrench) => {
    const devices = sample({
      seen: { a: Object.fromEntries(times.map((time, index) => [index + 1, [time, '12:00']])) },
    }).devices.map((device) => ({ ...device, slots: [], inside: [], seen: null }))
    const explained = { ...sample(), devices }
    expect(answer(explained, 'en')).toBe(english)
    expect(answer(explained, 'fr')).toBe(inFrench)
  })
})

describe('what the answer leaves open', () => {
  const looked = (...times: string[]): SampleDay => ({ looked: { poulailler: times } })

  test.each<[string, SampleDay, string[], string[]]>([
    ['nothing, on a day looked at throughout', seen(30), [], []],
    ['nothing, three slots short', seen(27), [], []],
    [
      'one short of a whole day',
      seen(29),
      ['29 slots: one short of a whole day.'],
      ['29 tranches : il en manque une pour une journée entière.'],
    ],
    [
      'two short of a whole day',
      seen(28),
      ['28 slots: two short of a whole day.'],
      ['28 tranches : il en manque deux pour une journée entière.'],
    ],
    [
      'one short of half a day',
      seen(2),
      ['2 slots: one short of half a day.'],
      ['2 tranches : il en manque une pour une demi-journée.'],
    ],
    [
      'two short of half a day',
      seen(1),
      ['1 slot: two short of half a day.'],
      ['1 tranche : il en manque deux pour une demi-journée.'],
    ],
    [
      'a hole',
      looked('00:00-12:09', '12:40-23:59'),
      [
        'No probe was looking at poulailler from 12:10 to 12:40.',
        'While no probe is looking, nobody is seen.',
      ],
      [
        'Aucune sonde ne regardait poulailler de 12:10 à 12:40.',
        "Quand aucune sonde ne regarde, personne n'est vu.",
      ],
    ],
    [
      'many holes',
      looked('08:01-08:09', '08:11-08:19', '08:21-08:29', '08:31-08:39', '08:50-21:59'),
      [
        'No probe was looking at poulailler for 14 minutes in 5 pieces, the longest from 08:40 to 08:50.',
        'While no probe is looking, nobody is seen.',
      ],
      [
        'Aucune sonde ne regardait poulailler pendant 14 minutes en 5 fois, la plus longue de 08:40 à 08:50.',
        "Quand aucune sonde ne regarde, personne n'est vu.",
      ],
    ],
    [
      'a box that was off',
      looked(),
      [
        'No probe was looking at poulailler in the opening hours.',
        'While no probe is looking, nobody is seen.',
        'This day is incomplete: too much of it is not known.',
      ],
      [
        "Aucune sonde ne regardait poulailler pendant les heures d'ouverture.",
        "Quand aucune sonde ne regarde, personne n'est vu.",
        'Cette journée est incomplète : on en ignore une trop grande part.',
      ],
    ],
    [
      'an old day file',
      { looked: { poulailler: undefined } },
      ['It is not known when a probe was looking at poulailler: files of the old kind do not say.'],
      [
        "On ne sait pas quand une sonde regardait poulailler : les fichiers de l'ancien format ne le disent pas.",
      ],
    ],
    [
      'a day that goes on',
      { ...looked('00:00-14:40'), clock: '14:50' },
      [
        'The day is not over: this is what was known at 14:50.',
        'Nothing has arrived from poulailler since 14:41.',
      ],
      [
        "La journée n'est pas finie : voici ce que l'on savait à 14:50.",
        "Rien n'est arrivé de la salle poulailler depuis 14:41.",
      ],
    ],
    [
      'a day that has not begun',
      { ...looked(), clock: '07:00' },
      ['The opening hours have not begun yet.'],
      ["Les heures d'ouverture n'ont pas encore commencé."],
    ],
    [
      'a part of a scan that failed',
      { ...looked('00:00-23:59'), partial: { poulailler: ['10:00-10:09', '11:00'] } },
      [
        'At poulailler a part of the search failed from 10:00 to 10:10 and from 11:00 to 11:01: a device may have been missed.',
      ],
      [
        'À poulailler, une partie de la recherche a échoué de 10:00 à 10:10 et de 11:00 à 11:01 : un appareil a pu être manqué.',
      ],
    ],
  ])('%s', (_, described, english, inFrench) => {
    const explained = sample(described)
    expect(reservations(explained, 'en')).toEqual(english)
    expect(reservations(explained, 'fr')).toEqual(inFrench)
  })
})

describe('all lines', () => {
  const described: SampleDay = {
    day: '2026-11-01',
    seen: { a: { 1: ['07:59-08:10'], 2: ['09:00'], 3: ['22:00'] } },
    sources: { 2: 'registered-late', 3: 'audit' },
    entries: [
      entry({ at: '2026-11-01T21:15:00.000Z', computed: 0.5 }),
      entry({
        run: { id: 'r2', kind: 'replay', by: 'http 1' },
        at: '2026-11-22T10:00:00.000Z',
        computed: 1,
        outcome: 'refused',
        answer: '400 Bad Request.',
        reason: 'higher than 0.5',
      }),
    ],
  }

  test('in English', () => {
    expect(explanationLines(sample(described), 'en')).toEqual([
      'Sunday 1 November 2026, ana@example.org',
      '3 slots between 08:00 and 09:00, by 2 devices at a: 0.5 ticket; 3 slots are needed, and 30 for 1 ticket.',
      'A slot is ten minutes of the opening hours (08:00 to 22:00) in which a device was seen at least once.',
      'Device A4:83:…:01 at a: 2 slots, 11 minutes between 08:00 and 08:10. 1 minute more outside the opening hours does not count.',
      'Device A4:83:…:02 at a: 1 slot, 1 minute at 09:00.',
      'Device A4:83:…:03 at a: 1 minute outside the opening hours, which does not count.',
      'Registered for this member on that day: A4:83:…:01.',
      'Known as theirs only from a later day on, so counted for its first owner: A4:83:…:02.',
      "This member's on that day, as the history of the ticket server says: A4:83:…:03.",
      'Probes were looking during 100 % of the opening hours.',
      'Sunday 1 November 2026, 22:15, nightly run (timer): 0.5 ticket from 3 slots; charged. Reason: first for this day.',
      'Sunday 22 November 2026, 11:00, replay (http 1): 1 ticket from 3 slots; refused by the ticket server (400 Bad Request). Reason: higher than 0.5.',
    ])
  })

  test('in French', () => {
    expect(explanationLines(sample(described), 'fr')).toEqual([
      'dimanche 1er novembre 2026, ana@example.org',
      '3 tranches entre 08:00 et 09:00, avec 2 appareils à a : 0,5 ticket ; il en faut 3, et 30 pour 1 ticket.',
      "Une tranche, ce sont dix minutes des heures d'ouverture (de 08:00 à 22:00) où un appareil a été vu au moins une fois.",
      "Appareil A4:83:…:01 à a : 2 tranches, 11 minutes entre 08:00 et 08:10. 1 minute de plus hors des heures d'ouverture ne compte pas.",
      'Appareil A4:83:…:02 à a : 1 tranche, 1 minute à 09:00.',
      "Appareil A4:83:…:03 à a : 1 minute hors des heures d'ouverture, qui ne compte pas.",
      'Enregistré pour ce membre ce jour-là : A4:83:…:01.',
      "Connu seulement à partir d'un jour plus tardif, donc compté pour son premier propriétaire : A4:83:…:02.",
      "À ce membre ce jour-là, d'après l'historique du serveur de tickets : A4:83:…:03.",
      "Les sondes regardaient pendant 100 % des heures d'ouverture.",
      'dimanche 1er novembre 2026 à 22:15, passage de la nuit (timer) : 0,5 ticket pour 3 tranches ; débité. Motif : first for this day.',
      'dimanche 22 novembre 2026 à 11:00, rejeu (http 1) : 1 ticket pour 3 tranches ; refusé par le serveur de tickets (400 Bad Request). Motif : higher than 0.5.',
    ])
  })

  test.each([
    ['skip', undefined, 1, 'nothing to do', 'rien à faire'],
    [
      'hold',
      undefined,
      1,
      'held back, a person must look at it',
      'mis en attente, une personne doit regarder',
    ],
    ['post', 'posted', 1, 'charged', 'débité'],
    ['post', 'posted', 0, 'charge taken back', 'débit annulé'],
    [
      'post',
      'unknown',
      1,
      'the ticket server gave no clear answer',
      'pas de réponse claire du serveur de tickets',
    ],
    [
      'post',
      'intended',
      1,
      'being sent, or interrupted while it was sent',
      "en cours d'envoi, ou interrompu pendant l'envoi",
    ],
  ] as const)('%s, %s, %d ticket: %s', (decision, outcome, computed, english, inFrench) => {
    const { outcome: _, ...made } = entry({ decision, computed })
    const explained = sample({ entries: [outcome ? { ...made, outcome } : made] })
    expect(explanationLines(explained, 'en').join('\n')).toContain(`; ${english}. Reason:`)
    expect(explanationLines(explained, 'fr').join('\n')).toContain(` ; ${inFrench}. Motif :`)
  })

  test('say what is charged when it is not what was seen, and when nothing is on record', () => {
    const charged = sample({ ...seen(30), entries: [entry({ computed: 0.5 })] })
    expect(explanationLines(charged, 'en').at(-1)).toBe('As it stands, 0.5 ticket is charged.')
    expect(explanationLines(charged, 'fr').at(-1)).toBe("En l'état, 0,5 ticket est débité.")
    const never = sample(seen(30))
    expect(explanationLines(never, 'en').at(-1)).toBe('No decision about this day is on record.')
  })
})

test.each<[Lang, string]>([
  ['en', 'UTC'],
  ['fr', 'UTC'],
  // Behind UTC, and ahead of it: the machine's own day would be another.
  ['en', 'America/Santiago'],
  ['fr', 'Pacific/Apia'],
])('a date in %s is read as people say it, on a machine in %s', (lang, zone) => {
  const before = process.env.TZ
  process.env.TZ = zone
  try {
    expect(new Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(zone)
    // Five years: the one in which Samoa left out a day, and a leap year.
    for (let number = 0; number < 5 * 365; number += 1) {
      const date = new Date(Date.UTC(2011, 0, 1 + number))
      const expected = dateByIntl(date, lang)
      expect(wordsOf(lang).date(date.toISOString().slice(0, 10))).toBe(expected)
    }
    expect(wordsOf(lang).date('2011-12-30T23:59:59-03:00')).toMatch(
      /30 (?:December|décembre) 2011$/,
    )
  } finally {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  }
})

/** Nought is singular in French and plural in English; one and two are as everywhere. */
describe.each([
  [0, '0 slots', '0 minutes', '0 tranche', '0 minute'],
  [1, '1 slot', '1 minute', '1 tranche', '1 minute'],
  [2, '2 slots', '2 minutes', '2 tranches', '2 minutes'],
])('of %i', (count, slots, minutes, tranches, minutesFr) => {
  const [english, french] = [wordsOf('en'), wordsOf('fr')]
  const span = { from: '09:00', to: '09:10' }
  const device = { mac: 'm', location: 'a', slotCount: count, minutes: count, span }

  test('slots', () => {
    expect(english.slots(count)).toBe(slots)
    expect(french.slots(count)).toBe(tranches)
  })

  test('slots and minutes of a device', () => {
    expect(english.device({ ...device, outsideMinutes: 0 })).toBe(
      `Device m at a: ${slots}, ${minutes} between 09:00 and 09:10.`,
    )
    expect(french.device({ ...device, outsideMinutes: 0 })).toBe(
      `Appareil m à a : ${tranches}, ${minutesFr} entre 09:00 et 09:10.`,
    )
  })

  test('slots a decision was taken from', () => {
    const at = '2026-11-20T22:15:00+01:00'
    const made = {
      at,
      kind: 'nightly',
      by: 'timer',
      computed: 0,
      slotCount: count,
      decision: 'skip',
      reason: 'r',
      outcome: null,
      answer: null,
    } as const
    expect(english.decision(made)).toContain(`no ticket from ${slots};`)
    expect(french.decision(made)).toContain(`aucun ticket pour ${tranches} ;`)
  })

  test('minutes in pieces', () => {
    const gaps = { minutes: count, pieces: 5, longest: span }
    expect(english.hole('a', gaps)).toContain(`for ${minutes} in 5 pieces`)
    expect(french.hole('a', gaps)).toContain(`pendant ${minutesFr} en 5 fois`)
  })
})

test.each([
  [
    1,
    'which does not count',
    'qui ne compte pas',
    'Registered',
    'Enregistré pour',
    'compté pour son',
  ],
  [
    2,
    'which do not count',
    'qui ne comptent pas',
    'Registered',
    'Enregistrés pour',
    'comptés pour leur',
  ],
])('%i outside the opening hours, of so many devices', (count, en, fr, known, connu, late) => {
  const outside = { mac: 'm', location: 'a', slotCount: 0, minutes: 0, span: undefined }
  const macs = ['m', 'n'].slice(0, count)
  expect(wordsOf('en').device({ ...outside, outsideMinutes: count })).toContain(en)
  expect(wordsOf('fr').device({ ...outside, outsideMinutes: count })).toContain(fr)
  expect(wordsOf('en').owner('map', macs)).toContain(known)
  expect(wordsOf('fr').owner('map', macs)).toContain(connu)
  expect(wordsOf('fr').owner('registered-late', macs)).toContain(late)
})
