/** Every reader there is. One that is new belongs here: README.md says how. */
import type { Target } from '../engine/target.ts'
import { BOX_TARGETS } from './box-targets.ts'
import { COMMAND_TARGETS } from './command-targets.ts'
import { DAY_FOLDER_TARGETS } from './day-folder-targets.ts'
import { ENVIRONMENT_TARGETS } from './environment-targets.ts'
import { HOSTILE_DAY_TARGETS } from './hostile-day-targets.ts'
import { HTTP_TARGETS } from './http-targets.ts'
import { PROBES_TARGETS } from './probes-targets.ts'
import { ROOM_TARGETS } from './room-targets.ts'
import { S3_TARGETS } from './s3-targets.ts'
import { SCAN_TARGETS } from './scan-targets.ts'
import { SHARED_TARGETS } from './shared-targets.ts'
import { STORED_TARGETS } from './stored-targets.ts'
import { TICKET_TARGETS } from './ticket-targets.ts'
import { UNIFI_TARGETS } from './unifi-targets.ts'

export const TARGETS: readonly Target[] = [
  ...SHARED_TARGETS,
  ...ENVIRONMENT_TARGETS,
  ...SCAN_TARGETS,
  ...UNIFI_TARGETS,
  ...BOX_TARGETS,
  ...STORED_TARGETS,
  ...TICKET_TARGETS,
  ...S3_TARGETS,
  ...DAY_FOLDER_TARGETS,
  ...HOSTILE_DAY_TARGETS,
  ...ROOM_TARGETS,
  ...PROBES_TARGETS,
  ...HTTP_TARGETS,
  ...COMMAND_TARGETS,
]
