/**
 * A made-up day in a room, and what it must cost. The amounts and slots are written down here by hand,
 * from the rule in words: nothing of the programs under demonstration computes them.
 */

/** When a device is there, `HH:MM` to `HH:MM`, both minutes included; `every`: seen in one minute of so many. */
export interface Stay {
  readonly from: string
  readonly to: string
  readonly every?: number
}

export interface Person {
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly devices: readonly { readonly mac: string; readonly stays: readonly Stay[] }[]
  /** What the day must be once all devices are registered; slots `null`: nobody asks about this one. */
  readonly truth: { readonly slots: number | null; readonly amount: 0 | 0.5 | 1 }
  readonly why: string
}

/** The box looks at the room from here to there. */
export const LOOKING: Stay = { from: '07:30', to: '19:29' }

/** Fanny's phone: registered only after the night's charge. */
export const LATE_DEVICE = { email: 'fanny@example.org', mac: 'DC:A9:04:50:00:01' }

export const PEOPLE: readonly Person[] = [
  {
    email: 'anais@example.org',
    firstName: 'Anaïs',
    lastName: 'Martin',
    devices: [
      // A sleeping phone answers now and then: once in ten minutes is enough.
      { mac: '3C:22:FB:10:00:01', stays: [{ from: '08:55', to: '12:04', every: 3 }] },
      { mac: '3C:22:FB:10:00:02', stays: [{ from: '13:10', to: '18:44' }] },
    ],
    // 08:50 to 12:00 is 20 slots, 13:10 to 18:40 is 34.
    truth: { slots: 54, amount: 1 },
    why: 'phone in the morning, laptop in the afternoon',
  },
  {
    email: 'bob@example.org',
    firstName: 'Bob',
    lastName: 'Weber',
    devices: [{ mac: 'A4:83:E7:20:00:01', stays: [{ from: '09:00', to: '09:19' }] }],
    truth: { slots: 2, amount: 0 },
    why: 'came for a coffee',
  },
  {
    email: 'chloe@example.org',
    firstName: 'Chloé',
    lastName: 'Petit',
    devices: [{ mac: 'BE:D5:1A:30:00:01', stays: [{ from: '09:09', to: '09:20' }] }],
    // 09:00, 09:10, 09:20: slots, not minutes.
    truth: { slots: 3, amount: 0.5 },
    why: '12 minutes in 3 slots',
  },
  {
    email: 'david+2000@Example.org',
    firstName: 'David',
    lastName: 'Klein',
    devices: [{ mac: 'F0:18:98:40:00:01', stays: [{ from: '14:00', to: '18:49' }] }],
    truth: { slots: 29, amount: 0.5 },
    why: 'one slot short of a whole day',
  },
  {
    email: LATE_DEVICE.email,
    firstName: 'Fanny',
    lastName: 'Roth',
    devices: [{ mac: LATE_DEVICE.mac, stays: [{ from: '10:00', to: '14:59' }] }],
    truth: { slots: 30, amount: 1 },
    why: 'registered late, replayed',
  },
  {
    email: 'gus@example.org',
    firstName: 'Gus',
    lastName: 'Durand',
    devices: [{ mac: '7E:3F:60:60:00:01', stays: [{ from: '07:30', to: '08:19' }] }],
    truth: { slots: 2, amount: 0 },
    why: 'an early bird: before 08:00 nothing counts',
  },
  {
    email: 'box@example.org',
    firstName: 'Box',
    lastName: 'Coworking',
    devices: [{ mac: 'B8:27:EB:70:00:01', stays: [LOOKING] }],
    truth: { slots: null, amount: 0 },
    why: "the space's own printer",
  },
]

/** Somebody's phone that no member ever registers. */
const STRANGER = { mac: '5A:11:22:80:00:01', stays: [{ from: '10:00', to: '18:00' }] }

/** The devices that answer at a minute of the local clock, counted from midnight. */
export function devicesAt(minute: number): string[] {
  const devices = [...PEOPLE.flatMap((person) => person.devices), STRANGER]
  return devices
    .filter(({ stays }) => stays.some((stay) => isThere(stay, minute)))
    .map(({ mac }) => mac)
}

/** The minutes of a stay, from midnight. */
export function minutesOf({ from, to }: Stay): number[] {
  const first = clockMinute(from)
  return Array.from({ length: clockMinute(to) - first + 1 }, (_, index) => first + index)
}

function isThere({ from, to, every = 1 }: Stay, minute: number): boolean {
  const first = clockMinute(from)
  return minute >= first && minute <= clockMinute(to) && (minute - first) % every === 0
}

function clockMinute(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))
}
