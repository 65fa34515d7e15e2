import { describe, expect, test } from 'vitest'
import { DARK, LIGHT, timelineStyle } from './style.ts'

/** Contrast as WCAG 2 has it: 4.5 for small text, 3 for marks that carry meaning. */
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

describe.each([
  ['light', LIGHT],
  ['dark', DARK],
])('%s', (_, palette) => {
  test.each(['ink', 'muted'] as const)('%s can be read', (text) => {
    expect(contrast(palette[text], palette.ground)).toBeGreaterThanOrEqual(4.5)
  })

  test.each([
    ['slot', 'ground'],
    ['slot', 'line'],
    ['bar', 'ground'],
    ['bar', 'band'],
    ['hole', 'ground'],
    ['hole', 'closed'],
  ] as const)('%s stands out from %s', (mark, behind) => {
    expect(contrast(palette[mark], palette[behind])).toBeGreaterThanOrEqual(3)
  })
})

test('every rule is of this picture only: a page may hold it', () => {
  const rules = timelineStyle()
    .replace(/@media[^{]*\{/, '')
    .matchAll(/([^{}]+)\{[^}]*\}/g)
  for (const [, selector] of rules) expect(selector).toMatch(/^(?:svg)?\.presences\b/)
})
