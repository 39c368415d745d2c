import { ResourcesScreen } from '~/features/resources/resources-screen'

export default function ResourcesRoute() {
  return <ResourcesScreen />
}
