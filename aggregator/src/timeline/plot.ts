/** The plot of the picture: hours, the row of slots, and the bars of each location. */
import type { ExplainedDevice, LocalInterval } from '../explain/explanation.ts'
import type { MinuteInterval } from '../presence/minute-intervals.ts'
import { CROSSED, type Frame, HATCHED, MARGIN, type Part, round } from './frame.ts'
import type { Scale } from './scale.ts'
import { escapeXml, shorten } from './xml-text.ts'

const SLOTS_HEIGHT = 16
const ROW_HEIGHT = 18
const BAR_HEIGHT = 9
/** Room for the name of a location above its rows. */
const NAME_HEIGHT = 22
const NAME_LENGTH = 80
/** Room for `08:00` and some air. */
const HOUR_WIDTH = 44

/** All that lies on the axis of time, from `top` on. */
export function plot(frame: Frame, top: number): Part {
  const slots = top + 20
  let bottom = slots + SLOTS_HEIGHT
  const parts = [hourLabels(frame, top + 10), slotRow(frame, slots)]
  const shown = groups(frame)
  for (const [location, devices] of shown) {
    const group = locationGroup(frame, location, devices, bottom + 10)
    parts.push(group.svg)
    bottom = group.bottom
  }
  if (shown.length === 0) {
    bottom += 30
    const middle = round((frame.left + frame.right) / 2)
    parts.push(
      `<text class="text muted" x="${middle}" y="${bottom}" text-anchor="middle">${escapeXml(frame.words.picture.nobody)}</text>`,
    )
  }
  const now = nowLine(frame, slots - 4, bottom + 4)
  return { svg: `<g class="plot">${[...parts, now.svg].join('\n')}</g>`, bottom: now.bottom }
}

/** The locations there is something to show of: bars, holes, or what was withdrawn. */
function groups({ explanation }: Frame): [string, ExplainedDevice[]][] {
  const { devices, locations } = explanation
  const withHoles = locations.flatMap(({ location, holes, withdrawn }) =>
    holes?.length || withdrawn.length > 0 ? location : [],
  )
  const names = new Set([...devices.map(({ location }) => location), ...withHoles])
  return [...names]
    .sort()
    .map((name) => [name, devices.filter(({ location }) => location === name)])
}

function hourLabels({ scale, x }: Frame, baseline: number): string {
  const perHour = x(scale.shown.from + 60) - x(scale.shown.from)
  const step = [1, 2, 3, 4, 6].find((hours) => hours * perHour >= HOUR_WIDTH) ?? 12
  let free = Number.NEGATIVE_INFINITY
  const labels = scale.hours.flatMap(({ minute, label }) => {
    // On the night clocks go back an hour stands twice: there is room for one of them.
    if (Number(label) % step !== 0 || x(minute) < free) return []
    free = x(minute) + HOUR_WIDTH
    return `<text class="small muted" x="${x(minute)}" y="${baseline}" text-anchor="middle">${label}:00</text>`
  })
  return labels.join('\n')
}

function slotRow(frame: Frame, top: number): string {
  const { explanation, scale, words, x } = frame
  const counted = new Set(explanation.slots)
  const cells = scale.slots.map(({ from, to, name }) => {
    const width = round(Math.max(1, x(to) - x(from) - 1))
    const kind = counted.has(name) ? 'slot' : 'empty'
    return `<rect class="${kind}" x="${round(x(from) + 0.5)}" y="${top}" width="${width}" height="${SLOTS_HEIGHT}"/>`
  })
  const label = `<text class="text ink" x="${MARGIN}" y="${top + 12}">${escapeXml(words.slots(explanation.slotCount))}</text>`
  return [label, ...cells].join('\n')
}

function locationGroup(
  frame: Frame,
  location: string,
  devices: readonly ExplainedDevice[],
  top: number,
): Part {
  const { explanation, scale, words } = frame
  const rows = top + NAME_HEIGHT
  const height = Math.max(1, devices.length) * ROW_HEIGHT
  const looked = explanation.locations.find((each) => each.location === location)
  const area = (kind: string, from: number, to: number, fill = '') => {
    const { x, width } = frame.stretch(from, to)
    return `<rect class="${kind}"${fill} x="${x}" y="${rows}" width="${width}" height="${height}"/>`
  }
  const parts = [
    `<text class="small ink" x="${MARGIN}" y="${rows - 7}">${escapeXml(shorten(location, NAME_LENGTH))}</text>`,
    ...scale.closed.map(({ from, to }) => area('closed', from, to)),
    ...scale.hours.map(({ minute }) => vertical('line', frame.x(minute), rows, rows + height)),
    ...(looked?.holes ?? []).map(({ from, to }) =>
      area('hole', scale.minuteOf(from), scale.minuteOf(to), ` ${HATCHED}`),
    ),
    ...shownOf(looked?.withdrawn ?? [], scale).map(({ from, to }) =>
      area('hole', from, to, ` ${CROSSED}`),
    ),
    ...devices.map((device, row) => deviceRow(frame, device, rows + row * ROW_HEIGHT)),
  ]
  if (devices.length === 0) parts.push(rowLabel(words.picture.none, 'small muted', rows))
  return { svg: parts.join('\n'), bottom: rows + height }
}

/** What lies in the hours that are shown. */
function shownOf(
  intervals: readonly LocalInterval[],
  { shown, minuteOf }: Scale,
): MinuteInterval[] {
  return intervals
    .map(({ from, to }) => ({
      from: Math.max(shown.from, minuteOf(from)),
      to: Math.min(shown.to, minuteOf(to)),
    }))
    .filter(({ from, to }) => from < to)
}

function deviceRow(frame: Frame, device: ExplainedDevice, top: number): string {
  const { scale, stretch } = frame
  const y = round(top + (ROW_HEIGHT - BAR_HEIGHT) / 2)
  const elapsed = ({ from, to }: LocalInterval) => ({
    from: scale.minuteOf(from),
    to: scale.minuteOf(to),
  })
  const bars = (kind: string, intervals: readonly MinuteInterval[]) => {
    const d = intervals
      .map(({ from, to }) => stretch(from, to))
      .map(({ x, width }) => `M${x} ${y}h${width}v${BAR_HEIGHT}h${-width}z`)
    return d.length === 0 ? '' : `<path class="${kind}" d="${d.join('')}"/>`
  }
  return [
    `<g>${rowLabel(device.mac, 'mac muted', top)}`,
    bars('band', slotsFilled(frame, device)),
    bars('outside', device.outside.map(elapsed)),
    `${bars('bar', device.inside.map(elapsed))}</g>`,
  ].join('')
}

/** The slots this device fills, faintly: a phone that sleeps is seen only now and then. */
function slotsFilled({ scale }: Frame, { slots }: ExplainedDevice): MinuteInterval[] {
  const filled = new Set(slots)
  return scale.slots.filter(({ name }) => filled.has(name))
}

function nowLine(frame: Frame, top: number, bottom: number): Part {
  const { explanation, scale, words, x } = frame
  const minute = scale.minuteOf(explanation.asOf)
  const isShown = minute >= scale.shown.from && minute < scale.shown.to
  if (explanation.over || !isShown) return { svg: '', bottom: bottom - 4 }
  const anchor = x(minute) > frame.right - 30 ? 'end' : 'middle'
  const label = `<text class="small muted" x="${x(minute)}" y="${bottom + 14}" text-anchor="${anchor}">${escapeXml(words.picture.now)}</text>`
  return { svg: vertical('now', x(minute), top, bottom) + label, bottom: bottom + 14 }
}

function rowLabel(text: string, kind: string, top: number): string {
  return `<text class="${kind}" x="${MARGIN}" y="${top + 13}">${escapeXml(text)}</text>`
}

function vertical(kind: string, x: number, top: number, bottom: number): string {
  return `<path class="${kind}" d="M${x} ${top}V${bottom}"/>`
}
