import { Page } from '~/app/page'

export default function RecipesScreen() {
  return <Page title="Recipes">{null}</Page>
}
