import { type ReactNode, createContext, useContext, useMemo, useSyncExternalStore } from 'react'
import { Workspace } from '../workspace'
import { useEstimateSession } from './context'

const Context = createContext<Workspace | null>(null)

export function WorkspaceProvider({ children }: { children: ReactNode }) {
  const session = useEstimateSession()
  const workspace = useMemo(() => new Workspace(session), [session])
  return <Context.Provider value={workspace}>{children}</Context.Provider>
}

/** What the person is doing; the component repaints when it changes. */
export function useWorkspace(): Workspace {
  const workspace = useWorkspaceStill()
  useSyncExternalStore(workspace.subscribe, () => workspace.version)
  return workspace
}

/** The same without repainting: for components that only act. */
export function useWorkspaceStill(): Workspace {
  const workspace = useContext(Context)
  if (!workspace) throw new Error('useWorkspace outside an estimate')
  return workspace
}
