import { Page } from '~/app/page'

export default function JobsScreen() {
  return <Page title="Jobs">{null}</Page>
}
