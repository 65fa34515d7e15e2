import type { Mac } from '@presences/shared'
import { expect, test } from 'vitest'
import { DEFAULT_RULE, type Rule } from '../domain/rule.ts'
import type { Evidence } from './ledger.ts'
import { lowerCauseOf } from './lower-cause.ts'

const PHONE = 'AA:00:00:00:00:01' as Mac
const LAPTOP = 'AA:00:00:00:00:02' as Mac

function evidence(
  devices: readonly [Mac, readonly number[]][],
  rule: Rule = DEFAULT_RULE,
): Evidence {
  const slots = [...new Set(devices.flatMap(([, each]) => each))].sort((a, b) => a - b)
  return {
    slots,
    rule,
    devices: devices.map(([mac, each]) => ({
      mac,
      location: 'a',
      minutes: 9,
      slots: each,
      source: 'map',
    })),
  }
}

const then = evidence([
  [PHONE, [54, 55]],
  [LAPTOP, [56, 57]],
])
const strict: Rule = { ...DEFAULT_RULE, halfDaySlots: 5 }
const shorter: Rule = { ...DEFAULT_RULE, openingHours: { firstMinute: 550, lastMinute: 1319 } }
const until = (lastMinute: number): Rule => ({
  ...DEFAULT_RULE,
  openingHours: { ...DEFAULT_RULE.openingHours, lastMinute },
})
const phone = (slots: readonly number[], rule?: Rule) => evidence([[PHONE, slots]], rule)
const both = () => true
const onlyPhone = (mac: Mac) => mac === PHONE

test.each<[string, Evidence | undefined, Evidence, (mac: Mac) => boolean, string]>([
  ['charged before there was a ledger', undefined, evidence([]), both, 'unknown'],
  ['the same evidence, another rule', then, { ...then, rule: strict }, both, 'the rule changed'],
  [
    'fewer opening hours, and nothing else missing',
    then,
    evidence(
      [
        [PHONE, [55]],
        [LAPTOP, [56, 57]],
      ],
      shorter,
    ),
    both,
    'the rule changed',
  ],
  [
    'a slot is missing',
    then,
    evidence([
      [PHONE, [54]],
      [LAPTOP, [56, 57]],
    ]),
    both,
    'less data',
  ],
  [
    'a slot is missing, under another rule',
    then,
    evidence([[PHONE, [54]]], strict),
    both,
    'less data',
  ],
  ['a device is missing', then, evidence([[PHONE, [54, 55]]]), both, 'less data'],
  [
    'a device went to somebody else',
    then,
    evidence([[PHONE, [54, 55]]]),
    onlyPhone,
    'a device is not theirs',
  ],
  [
    'a device went, and the other has less',
    then,
    evidence([[PHONE, [54]]]),
    onlyPhone,
    'less data',
  ],
  [
    'a missing slot that another device has',
    then,
    evidence([[PHONE, [54, 55, 56, 57]]], strict),
    both,
    'the rule changed',
  ],
  ['nothing changed at all', then, then, both, 'less data'],
  // Opening hours from 09:10, and to 09:39 or 09:40: whether the first and the last slot are looked for.
  ['the first open slot is missing', phone([54, 55, 56]), phone([56], shorter), both, 'less data'],
  ['the last open slot is missing', phone([56, 58]), phone([56], until(580)), both, 'less data'],
  ['the slot after closing is', phone([56, 58]), phone([56], until(579)), both, 'the rule changed'],
])('%s: %5$s', (_, before, now, isTheirs, cause) => {
  expect(lowerCauseOf(before, now, isTheirs)).toBe(cause)
})

test.each<[string, Evidence, readonly number[], string]>([
  ['all that is missing was', phone([54]), [55], 'evidence was withdrawn'],
  ['a part of it was', phone([]), [55], 'less data'],
  ['nothing is missing', phone([54, 55], strict), [55], 'the rule changed'],
  ['all of it was, under another rule', phone([54], strict), [55], 'evidence was withdrawn'],
])('withdrawn: %s: %4$s', (_, now, withdrawn, cause) => {
  const isWithdrawn = (slot: number) => withdrawn.includes(slot)
  expect(lowerCauseOf(phone([54, 55]), now, both, isWithdrawn)).toBe(cause)
})
