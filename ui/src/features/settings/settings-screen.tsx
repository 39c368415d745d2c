import { useSuspenseQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { sessionQuery } from '~/api/queries'
import { Page } from '~/app/page'
import { useMay } from '~/app/rights'
import { cx } from '~/ui/cx'
import { PeopleTab } from './people-tab'
import { ServerTab } from './server-tab'
import { SessionsTab } from './sessions-tab'
import { TokensTab } from './tokens-tab'

const TABS = [['sessions', 'Where you are signed in'], ['tokens', 'API tokens'], ['people', 'People'], ['server', 'Sign-in and limits']] as const
/** Tabs that only an Admin has. */
const ADMIN: readonly string[] = ['people', 'server'] satisfies SettingsTab[]
export type SettingsTab = (typeof TABS)[number][0]

/** Where one is signed in, what programs come with, and for an Admin who works here and how the server was set up. */
export function SettingsScreen() {
  const { tab = 'sessions' } = useSearch({ from: '/shell/settings' })
  const { data: session } = useSuspenseQuery(sessionQuery)
  const isAdmin = useMay('administer')
  return (
    <Page
      title="Settings" fixed
      bar={
        <nav aria-label="Settings" className="flex shrink-0 gap-1 overflow-x-auto border-b border-line bg-pane px-3">
          {TABS.filter(([name]) => isAdmin || !ADMIN.includes(name)).map(([name, label]) => (
            <Link
              key={name} to="/settings" search={name === 'sessions' ? {} : { tab: name }} aria-current={tab === name ? 'page' : undefined}
              className={cx('h-9 shrink-0 border-b-2 px-2 leading-9 -outline-offset-2!', tab === name ? 'border-acc font-medium text-ink' : 'border-transparent text-ink2 hover:text-ink')}
            >
              {label}
            </Link>
          ))}
        </nav>
      }
    >
      {tab === 'people' && isAdmin ? <PeopleTab ownId={session.user.id} /> : tab === 'server' && isAdmin ? <ServerTab /> : tab === 'tokens' ? <TokensTab isAdmin={isAdmin} /> : <SessionsTab />}
    </Page>
  )
}
