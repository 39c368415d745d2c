import { Link, type LinkProps } from '@tanstack/react-router'
import { Fragment, type ReactNode, useEffect } from 'react'
import { useLinkState } from '~/live'
import { Icon } from '~/ui/icons'
import { cx } from '~/ui/cx'
import { Tooltip } from '~/ui/tooltip'

export interface Crumb {
  label: ReactNode
  to?: LinkProps['to']
  params?: Record<string, string>
}

export interface PageProps {
  /** The heading of the page and the start of the window's title. */
  title: string
  crumbs?: Crumb[]
  /** Chips beside the title. */
  chips?: ReactNode
  /** Buttons at the right, the main one last. */
  actions?: ReactNode
  /** A second bar under the top bar (tabs, filters). */
  bar?: ReactNode
  /** The page scrolls by itself (a grid) rather than as a whole. */
  fixed?: boolean
  children: ReactNode
}

/** The frame of every signed-in screen: top bar with breadcrumb and actions, then the content as the main landmark. */
export function Page({ title, crumbs = [], chips, actions, bar, fixed, children }: PageProps) {
  useEffect(() => { document.title = `${title} · oxFlow` }, [title])
  return (
    <div className="flex h-full min-w-0 flex-col">
      <header className="flex h-12 shrink-0 items-center gap-3 border-b border-line bg-pane px-4">
        <nav aria-label="Breadcrumb" className="flex min-w-0 items-center gap-1.5">
          {crumbs.map((crumb, index) => (
            <Fragment key={index}>
              {crumb.to ? (
                <Link to={crumb.to} params={crumb.params as never} className="min-w-0 truncate text-ink2 hover:text-ink hover:underline">{crumb.label}</Link>
              ) : (
                <span className="min-w-0 truncate text-ink2">{crumb.label}</span>
              )}
              <Icon name="chevronRight" size={12} className="shrink-0 text-ink3" />
            </Fragment>
          ))}
          <h1 className="max-w-md shrink-0 truncate text-base font-semibold max-lg:max-w-40">{title}</h1>
        </nav>
        {chips && <div className="hidden items-center gap-1.5 xl:flex">{chips}</div>}
        <div className="flex-1" />
        <div className="flex items-center gap-2">{actions}</div>
        <LinkStateChip />
      </header>
      {bar}
      <main id="main" tabIndex={-1} className={cx('min-h-0 flex-1 outline-none', fixed ? 'flex flex-col overflow-hidden' : 'overflow-auto')}>{children}</main>
    </div>
  )
}

const LINK_WORDS = {
  connecting: ['Connecting', 'Connecting to the server.'],
  live: ['Live', 'Connected: changes by others appear as they are made.'],
  reconnecting: ['Reconnecting', 'The connection broke and is being restored. Edits wait and are sent again.'],
  offline: ['Offline', 'The server cannot be reached. Edits wait in this tab and are sent when it is back.'],
} as const

export function LinkStateChip() {
  const state = useLinkState()
  const [word, tip] = LINK_WORDS[state]
  return (
    <Tooltip text={tip}>
      <button
        type="button" aria-label={`Connection: ${word}`}
        className={cx('flex h-6 shrink-0 cursor-default! items-center gap-1.5 rounded-full px-2 text-2xs',
          state === 'live' ? 'text-ink3' : state === 'offline' ? 'bg-bad2 text-bad' : 'bg-warn2 text-warn')}
      >
        <span className={cx('size-1.5 rounded-full', state === 'live' ? 'bg-mat' : state === 'offline' ? 'bg-bad' : 'shimmer bg-warn')} />
        <span role="status" className={cx(state === 'live' && 'sr-only xl:not-sr-only')}>{word}</span>
      </button>
    </Tooltip>
  )
}
