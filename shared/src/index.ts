/** What the probe and the aggregator must agree on. */
export * from './environment.ts'
export * from './exit-code.ts'
export * from './local-day.ts'
export * from './mac.ts'
export * from './minute-file.ts'
export * from './object-key.ts'
export * from './remember.ts'
export * from './sightings.ts'
