import { apiUrl } from '~/api/client'

/** Jobs that a screen follows to their end by itself: nobody has to be told of them. */
export const attended = new Set<string>()

/** Has the browser save the file of a job. */
export function saveResult(jobId: string): void {
  const link = document.createElement('a')
  link.href = apiUrl(`/jobs/${jobId}/result`)
  link.download = ''
  link.click()
}

/** Saves an answer as the file it names. */
export async function saveAnswer(response: Response): Promise<void> {
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? 'document'
  const address = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
