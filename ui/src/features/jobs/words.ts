import type { Job } from '~/api/types'

export const KIND_NAMES: Record<Job['kind'], string> = {
  import: 'Import', export: 'Export', document: 'Document', 'reprice-list': 'Repricing, listed', reprice: 'Repricing', recalculation: 'Recalculation', submission: 'Submission', 'audit-verification': 'Audit trail', snapshot: 'Snapshot',
}

/** "2.4 MB", "812 kB", "96 bytes". */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`
  const [size, unit] = bytes < 1_000_000 ? [bytes / 1_000, 'kB'] : [bytes / 1_000_000, 'MB']
  return `${size.toLocaleString('en-NZ', { maximumFractionDigits: size < 10 ? 1 : 0 })} ${unit}`
}

/** Why a job failed, in a sentence. */
export function failureOf(job: Job): string {
  return job.error?.violations?.[0]?.message ?? job.error?.detail ?? job.message
}

/** How long until a job that met a fault is tried again. */
export function nextTry(job: Job, now = Date.now()): string | null {
  if (!job.nextTryAt) return null
  const seconds = Math.max(0, Math.ceil((new Date(job.nextTryAt).getTime() - now) / 1_000))
  return `Try ${job.tries + 1} of ${job.triesMax} in ${seconds} s`
}
