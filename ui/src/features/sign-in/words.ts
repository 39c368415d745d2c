/** Why a sign-in with a provider came to nothing, by the code the server gives, with what helps. */
export const SIGN_IN_ERRORS: Record<string, string> = {
  'sign-in-expired': 'That sign-in took too long, was begun in another tab, or was used already. Try again.',
  'provider-refused': 'The sign-in provider refused, or you cancelled there. Try again, or ask whoever runs it.',
  'provider-unreachable': 'The sign-in provider cannot be reached at the moment. Try again in a minute.',
  'sign-in-unproved': 'What the sign-in provider sent could not be verified, so nobody was signed in. If it happens again, tell whoever runs this server.',
  'email-unverified': 'The sign-in provider did not give a verified e-mail address for you. Ask whoever runs it to verify your address.',
  'not-invited': 'Nobody has added you here yet. Ask an Admin to add your e-mail address under Settings, People.',
  'no-role': 'Your account has no role here. Ask whoever runs the sign-in provider to put you into a group that has one.',
  'user-deactivated': 'Your access here was taken away. Ask an Admin if that is a mistake.',
  'setup-over': 'The link for the first Admin was used already, or is too old. Restart the server for a new one.',
  'sign-in-not-offered': 'This server does not offer that way to sign in.',
}

/** The words for a code; any other code is a fault of the server. */
export function signInError(code: string): string {
  return SIGN_IN_ERRORS[code] ?? 'Something went wrong on the server, and nobody was signed in. Try again in a minute.'
}
