/**
 * The colours of the picture, in light and dark. Written out twice and not as CSS variables: viewers other
 * than browsers know classes, but not variables. Names are of this picture only, for a page may hold several.
 */

/** Each colour by what it is for. */
export interface Palette {
  readonly ground: string
  readonly ink: string
  readonly muted: string
  readonly line: string
  readonly closed: string
  readonly slot: string
  readonly band: string
  readonly bar: string
  readonly hole: string
}

export const LIGHT: Palette = {
  ground: '#ffffff',
  ink: '#1b2530',
  muted: '#566371',
  line: '#dfe5ea',
  closed: '#f1f4f6',
  slot: '#0b7a5b',
  band: '#c6dbef',
  bar: '#2f6fb3',
  hole: '#7d8894',
}

export const DARK: Palette = {
  ground: '#151b21',
  ink: '#e9eef3',
  muted: '#a7b3bf',
  line: '#303a44',
  closed: '#1d252d',
  slot: '#4fc596',
  band: '#29425c',
  bar: '#7ab2ee',
  hole: '#8492a0',
}

/** The style sheet of every picture. */
export function timelineStyle(): string {
  return `${FONTS}${colours(LIGHT)}@media (prefers-color-scheme: dark){${colours(DARK)}}`
}

const FONTS = [
  'svg.presences{display:block;width:100%;max-width:50rem;height:auto;font-family:system-ui,sans-serif}',
  '.presences .amount{font-size:24px;font-weight:700}',
  '.presences .text{font-size:13px}',
  '.presences .small{font-size:12px}',
  '.presences .mac{font:11.5px ui-monospace,monospace}',
].join('')

function colours(palette: Palette): string {
  return [
    `.presences .ground{fill:${palette.ground}}`,
    `.presences .ink{fill:${palette.ink}}`,
    `.presences .muted{fill:${palette.muted}}`,
    `.presences .line{stroke:${palette.line};fill:none}`,
    `.presences .closed{fill:${palette.closed}}`,
    `.presences .empty{fill:${palette.line}}`,
    `.presences .slot{fill:${palette.slot}}`,
    `.presences .band{fill:${palette.band}}`,
    `.presences .bar{fill:${palette.bar}}`,
    `.presences .outside{fill:${palette.hole}}`,
    `.presences .hatch{stroke:${palette.hole};fill:none}`,
    `.presences .now{stroke:${palette.muted};fill:none}`,
  ].join('')
}
