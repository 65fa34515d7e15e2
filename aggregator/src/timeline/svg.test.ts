import { parseXml, type XmlDocument, XmlElement } from '@rgrove/parse-xml'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type SampleDay, sample, slotsFrom } from '../../testing/explain-samples.ts'
import { answer } from '../explain/sentences.ts'
import { timelineSvg } from './svg.ts'

const draw = (described: SampleDay) => timelineSvg(sample(described), { lang: 'en' })

/** Every element below `top`, in the document's order. Throws for what is no XML. */
function elementsIn(top: XmlElement | XmlDocument): XmlElement[] {
  return top.children.flatMap((child) =>
    child instanceof XmlElement ? [child, ...elementsIn(child)] : [],
  )
}

/** The marks of a kind in the plot; the legend has its own. */
function marks(svg: string, kind: string): XmlElement[] {
  const plot = elementsIn(parseXml(svg)).filter(({ attributes }) => attributes.class === 'plot')
  return plot.flatMap(elementsIn).filter(({ attributes }) => attributes.class === kind)
}

const count = (svg: string, kind: string) => marks(svg, kind).length
const numbersIn = (text: string | undefined) => (text?.match(/-?[\d.]+/g) ?? []).map(Number)
const textsIn = (svg: string) =>
  elementsIn(parseXml(svg))
    .filter(({ name }) => name === 'text')
    .map(({ text }) => text)
const hoursOf = (svg: string) => textsIn(svg).filter((text) => /^\d\d:00$/.test(text))

describe('the plot', () => {
  test('has a cell for each slot, the counted ones filled, and a bar a device', () => {
    const svg = draw({ seen: { a: { 1: slotsFrom('09:00', 30), 2: ['09:05', '18:40'] } } })
    expect(count(svg, 'slot')).toBe(31)
    expect(count(svg, 'empty')).toBe(84 - 31)
    expect(count(svg, 'bar')).toBe(2)
    expect(count(svg, 'hole')).toBe(0)
    expect(hoursOf(svg)).toEqual([
      '08:00',
      '10:00',
      '12:00',
      '14:00',
      '16:00',
      '18:00',
      '20:00',
      '22:00',
    ])
  })

  test('has no bar when nobody was seen, and says so', () => {
    const svg = draw({ looked: { a: ['00:00-23:59'] } })
    expect(count(svg, 'bar') + count(svg, 'slot')).toBe(0)
    expect(svg).toContain('No device was seen.')
  })

  test('has a bar for each device at each location', () => {
    const devices = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [index + 1, ['09:00-17:00']]),
    )
    expect(count(draw({ seen: { a: devices, b: { 3: ['18:00'] } } }), 'bar')).toBe(13)
  })

  test('hatches when no probe was looking, also where the member was not seen', () => {
    const svg = draw({
      seen: { a: { 1: ['09:00'] } },
      looked: { a: ['00:00-12:09', '12:40-23:59'], b: ['08:10-20:00'], old: undefined },
    })
    expect(count(svg, 'hole')).toBe(3)
    const widths = marks(svg, 'hole').map(({ attributes }) => Number(attributes.width))
    expect((widths[0] ?? 0) / (widths[1] ?? 0)).toBeCloseTo(3, 1)
    expect(textsIn(svg)).toContain('b')
    expect(textsIn(svg)).not.toContain('old')
  })

  test('shows a single minute, also the last one, within the picture', () => {
    const [bar] = marks(draw({ seen: { a: { 1: ['21:59'] } } }), 'bar')
    // M x y h width v …
    const [x, , width] = numbersIn(bar?.attributes.d)
    expect(width).toBeGreaterThanOrEqual(1.5)
    expect((x ?? 0) + (width ?? 0)).toBeLessThanOrEqual(640)
  })

  test('is extended to what was seen outside the opening hours, which is told apart', () => {
    const svg = draw({ seen: { a: { 1: ['06:59', '09:00', '22:30'] } } })
    expect(hoursOf(svg)).toContain('06:00')
    expect(count(svg, 'outside')).toBe(1)
    expect(count(svg, 'slot')).toBe(1)
    expect(count(svg, 'closed')).toBe(2)
    expect(svg).toContain('seen, does not count')
  })

  test.each([
    ['2026-03-29', 23],
    ['2026-11-20', 24],
    ['2026-10-25', 25],
  ])('on %s, seen from midnight to midnight, it has %i hours', (day, hours) => {
    const svg = draw({ day, seen: { a: { 1: ['00:00-23:59'] } } })
    const lines = marks(svg, 'line').map(({ attributes }) => numbersIn(attributes.d)[0] ?? 0)
    expect(lines).toHaveLength(hours + 1)
    const widths = lines.slice(1).map((x, index) => x - (lines[index] ?? 0))
    expect(Math.max(...widths) - Math.min(...widths)).toBeLessThan(0.05)
    expect(count(svg, 'slot')).toBe(84)
  })

  test.each([
    ['07:59', 0],
    ['08:00', 1],
    ['14:50', 1],
    ['22:00', 0],
  ])('at %s, marks of the time it is: %i', (clock, lines) => {
    expect(count(draw({ clock, looked: { a: ['00:00-23:59'] } }), 'now')).toBe(lines)
  })
})

describe('the document', () => {
  test.each(['en', 'fr'] as const)('tells the answer to those who can not see it: %s', (lang) => {
    const explained = sample({ seen: { a: { 1: slotsFrom('09:00', 29) } } })
    const svg = timelineSvg(explained, { lang })
    const { root } = parseXml(svg)
    expect(root).toMatchObject({ name: 'svg', attributes: { role: 'img', lang } })
    const textOf = (wanted: string) =>
      elementsIn(parseXml(svg)).find(({ name }) => name === wanted)?.text
    expect(textOf('desc')?.startsWith(`${answer(explained, lang)} `)).toBe(true)
    expect(textOf('title')).toContain('ana@example.org')
  })

  test('is the same each time', () => {
    const described: SampleDay = { seen: { a: { 1: ['09:00'] } } }
    expect(draw(described)).toBe(draw(described))
  })

  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", ']]>', '\0', '\uD800', 'm', ' ') }),
    fc.constantFrom('<script>alert(1)</script>', '" onload="alert(1)', '&amp;', '--><!--'),
  )

  test('is well-formed, with no script and nothing to be loaded, whatever people are called', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.constantFrom('en', 'fr'), (email, location, lang) => {
        const described: SampleDay = {
          email,
          seen: { [location]: { 1: ['09:00'] } },
          looked: { [location]: ['08:00-12:00'] },
        }
        const svg = timelineSvg(sample(described), { lang })
        // It throws for what is not well-formed.
        const elements = elementsIn(parseXml(svg))
        for (const { name, attributes } of elements) {
          expect(name).not.toMatch(/^(?:script|foreignObject|image|use|a)$/i)
          expect(Object.keys(attributes).join(' ')).not.toMatch(/\bon|href/i)
          const values = Object.entries(attributes).filter(([key]) => key !== 'xmlns')
          expect(values.join(' ')).not.toMatch(/\/\/|javascript:/i)
        }
        const style = elements.find(({ name }) => name === 'style')?.text
        expect(style).not.toMatch(/@import|\/\//i)
      }),
      { numRuns: 60 },
    )
  })
})
