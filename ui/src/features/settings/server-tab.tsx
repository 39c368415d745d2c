import { useQuery } from '@tanstack/react-query'
import { Fragment, type ReactNode } from 'react'
import { api } from '~/api/client'
import { keys } from '~/api/queries'
import type { ProviderInForce, Setting, SettingsInForce } from '~/api/types'
import { Chip } from '~/ui/bits'
import { SkeletonRows } from '~/ui/list'
import { ProblemPanel } from '~/ui/problem'
import { ROLE_NAMES } from '~/ui/words'
import { inWords, spans, writtenOtherwise } from './server-words'

const PARTS: [title: string, of: (key: string) => boolean][] = [
  ['Sign-in', (key) => !key.startsWith('limits.')],
  ['Limits', (key) => key.startsWith('limits.')],
]

/** How people sign in and how much may be asked for, as the server was told: read here, changed there. */
export function ServerTab() {
  const settings = useQuery({ queryKey: keys.settings, queryFn: ({ signal }) => api.get<SettingsInForce>('/settings', { signal }) })
  if (settings.isError) return <ProblemPanel error={settings.error} retry={() => void settings.refetch()} />
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <p className="max-w-3xl px-4 py-3 text-ink2">
        These are changed where the server runs: in <code>oxflow.toml</code>, or by the variable of the same name (<code>limits.token_per_minute</code> is <code>OXFLOW_LIMITS_TOKEN_PER_MINUTE</code>), and count from its next start.
      </p>
      {PARTS.map(([title, of]) => (
        <Part key={title} title={title} settings={settings.data?.items.filter((one) => of(one.key))} />
      ))}
      {settings.data && settings.data.providers.length > 0 && (
        <section aria-labelledby="providers">
          <h2 id="providers" className="px-4 pt-4 pb-2 font-semibold">Sign-in providers</h2>
          <div className="grid gap-3 px-4 pb-4 lg:grid-cols-2">
            {settings.data.providers.map((provider) => <Provider key={provider.id} provider={provider} />)}
          </div>
        </section>
      )}
    </div>
  )
}

function Part({ title, settings }: { title: string; settings: Setting[] | undefined }) {
  const id = title.toLowerCase()
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="px-4 pt-2 pb-2 font-semibold">{title}</h2>
      <table className="table" aria-busy={!settings}>
        <thead><tr><th>What</th><th className="w-52">In force</th><th className="w-72">Setting</th></tr></thead>
        <tbody>
          {!settings && <SkeletonRows columns={3} rows={3} />}
          {settings?.map((one) => (
            <tr key={one.key}>
              <td className="py-1.5 whitespace-normal text-ink2">{spans(one.about).map((span, at) => span.code ? <code key={at}>{span.text}</code> : <Fragment key={at}>{span.text}</Fragment>)}</td>
              <td className="tabular-nums"><InForce setting={one} /></td>
              <td className="text-ink2"><code title={one.variable}>{one.key}</code></td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** What is in force in words, as the file would write it where that is something else, and what is built in. */
function InForce({ setting }: { setting: Setting }) {
  const { key, value } = setting
  const figure = writtenOtherwise(setting) ? value : null
  return (
    <>
      <span className="font-medium break-words">{inWords(setting)}</span>{figure && <span className="text-ink3"> · {figure}</span>}
      {value !== setting.default && <span className="block text-ink3">built in: {inWords({ key, value: setting.default })}</span>}
    </>
  )
}

function Provider({ provider }: { provider: ProviderInForce }) {
  const roles = Object.entries(provider.roles)
  return (
    <div className="rounded-md border border-line bg-pane p-3">
      <h3 className="flex items-center gap-2 font-medium">{provider.name}{provider.onlyHere && <Chip>This organisation only</Chip>}</h3>
      <dl className="mt-2 grid grid-cols-[9rem_minmax(0,1fr)] gap-x-3 gap-y-1">
        <Line name="Issuer"><code className="break-all">{provider.issuer}</code></Line>
        <Line name="Client"><code className="break-all">{provider.clientId}</code></Line>
        <Line name="Redirect URI"><code className="break-all">{provider.redirectUri}</code></Line>
        <Line name="Addresses">{provider.trustEmail ? 'count as verified' : 'count where the provider says that they are verified'}</Line>
        <Line name="Roles">
          {roles.length === 0 ? 'given by an Admin here' : <>by the claim <code>{provider.roleClaim}</code>: {roles.map(([value, role], at) => <Fragment key={value}>{at > 0 && ', '}<code className="break-all">{value}</code> is {ROLE_NAMES[role]}</Fragment>)}</>}
        </Line>
        <Line name="Somebody new">{provider.firstRole ? `comes in as ${ROLE_NAMES[provider.firstRole]}` : roles.length > 0 ? 'comes in with a role of theirs, and not without' : 'is refused until an Admin adds them'}</Line>
      </dl>
    </div>
  )
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return <><dt className="text-ink3">{name}</dt><dd>{children}</dd></>
}
