import { Page } from '~/app/page'

export default function ResourcesScreen() {
  return <Page title="Resources">{null}</Page>
}
