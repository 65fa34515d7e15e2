import { describe, expect, test } from 'vitest'
import { UsageError } from '../../command-line.ts'
import { MUTANTS } from '../mutants/mutants.ts'
import { readArguments } from './asked.ts'

const read = (line: string) => readArguments(line.split(' ').filter(Boolean))

test('one world, as the page says, where nothing is asked for', () => {
  expect(read('')).toMatchObject({
    kind: 'one world',
    options: { seed: 1, days: 60, people: 8, locations: 2 },
    trail: false,
    shrink: false,
  })
})

test('a soak draws the size of its worlds, unless it is given', () => {
  const soak = read('--seeds 20 --seed 7')
  expect(soak).toMatchObject({ kind: 'soak', seeds: 20, minutes: Number.POSITIVE_INFINITY })
  expect(soak).not.toHaveProperty('options.people')
  expect(read('--soak 0.5 --people 3')).toMatchObject({ minutes: 0.5, options: { people: 3 } })
})

test('one mutant is lived through, several make the table', () => {
  const options = { broken: 'todays-owners' }
  expect(read('--break todays-owners')).toMatchObject({ kind: 'one world', options })
  expect(read('--break todays-owners --seeds 2')).toMatchObject({ kind: 'soak', options })
  expect(read('--break all --days 40')).toMatchObject({ kind: 'mutants', mutants: MUTANTS })
  expect(read('--break list')).toEqual({ kind: 'list of mutants' })
})

test.each(['--days 14', '--days 14 --people 1 --locations 4 --workers 256'])(
  'taken: %s',
  (line) => {
    expect(read(line).kind).toBe('one world')
  },
)

describe('refused in words', () => {
  test.each([
    ['--days 13', '--days must be a whole number from 14'],
    ['--days 20.5', '--days must be'],
    ['--seed -1', 'ambiguous'],
    ['--seed=-1', '--seed must be'],
    ['--seed=', '--seed must be'],
    ['--seeds 0', '--seeds must be'],
    ['--people 0', '--people must be'],
    ['--locations 5', '--locations must be'],
    ['--workers 0', '--workers must be'],
    ['--soak NaN', '--soak must be'],
    ['--soak 0', '--soak must be'],
    ['--store s4', '--store must be s3 or port'],
    ['--without rain', 'There is no fault rain'],
    ['--break nobody', 'There is no mutant nobody'],
    ['--break all --days 201', '--days must be at most 200'],
    ['--break all --seeds 2', 'does not go with more than one mutant'],
    ['--seeds 2 --shrink', '--shrink does not go with more than one world'],
    ['--break all --trail', '--trail does not go with more than one world'],
    ['--seed 7 --seed 8', '--seed is given twice'],
    ['--break drops-zeros,drops-zeros', 'drops-zeros is given twice'],
    ['--rain', '--rain'],
    ['7', '7'],
  ])('%s', (line, words) => {
    expect(() => read(line)).toThrow(UsageError)
    expect(() => read(line)).toThrow(words)
  })
})
