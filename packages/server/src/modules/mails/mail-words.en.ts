import type { MailWords } from './mail-words.ts'

const takenOver =
  'If it was not you, someone may have got into your account: choose a new password with “Forgot your password?” on the sign-in page, then look at your sessions and end those you do not know.'
const askForHelp = 'If you did not expect this, please ask whoever runs this site.'
const keepToYourself = 'Please keep the link and the code to yourself. Nobody from our side ever asks for them.'

export const english: MailWords = {
  greeting: 'Hello {name},',
  greetingWithoutName: 'Hello,',
  footer: 'Atrium sent this mail because of an account at {site}. Nobody reads replies to it.',
  mails: {
    verify_email: {
      subject: 'Please confirm your e-mail address',
      body: [
        'An account was registered with this address. To confirm that the address is yours, open this link:',
        { link: 'link', label: 'Confirm my address' },
        'Or type this code where you registered; it works for 10 minutes:',
        'code',
        { until: 'The link works until {expires}.' },
        'If you did not register, do nothing: without the confirmation nobody can use your address. Please keep the link and the code to yourself.',
      ],
    },
    account_exists: {
      subject: 'You already have an account',
      body: [
        'Someone, probably you, wanted to register with this address on {time}. It has an account already, so nothing was changed. You can sign in with it:',
        { link: 'sign_in_link', label: 'Sign in' },
        'If you forgot the password, choose a new one:',
        { link: 'reset_link', label: 'Choose a new password' },
        'If it was not you, there is nothing you need to do.',
      ],
    },
    reset_password: {
      subject: 'Choose a new password',
      body: [
        'Someone, probably you, asked for a new password for your account. Choose it here:',
        { link: 'link', label: 'Choose a new password' },
        'Or type this code on the page where you asked; it works for 10 minutes:',
        'code',
        { until: 'The link works until {expires}.' },
        'If it was not you, do nothing: your password stays as it is.',
        keepToYourself,
      ],
    },
    password_changed: {
      subject: 'Your password was changed',
      body: ['The password of your account was changed on {time}. Your other sessions were ended.', takenOver],
    },
    password_set: {
      subject: 'Your account has a password now',
      body: ['A password was added to your account on {time}. You can sign in with it from now on.', takenOver],
    },
    confirm_email: {
      subject: 'Please confirm your new e-mail address',
      body: [
        'This address was entered as the new address of an account. To confirm that it is yours, open this link:',
        { link: 'link', label: 'Use this address' },
        'Or type this code in the settings of the account; it works for 10 minutes:',
        'code',
        { until: 'The link works until {expires}.' },
        'If it was not you, do nothing: without the confirmation your address is not used. Please keep the link and the code to yourself.',
      ],
    },
    email_change_requested: {
      subject: 'Your e-mail address is about to change',
      body: [
        'On {time} someone, probably you, asked to change the address of your account to {new_email}. It changes as soon as that address is confirmed.',
        'If it was not you, cancel the change in the settings of your account and choose a new password at once.',
      ],
    },
    email_changed: {
      subject: 'Your e-mail address was changed',
      body: [
        'The address of your account was changed to {new_email} on {time}. Mails about the account go there from now on.',
        'If it was not you, please ask whoever runs this site for help at once.',
      ],
    },
    username_changed: {
      subject: 'Your user name was changed',
      body: ['Since {time} the user name of your account is {username}. Please sign in with it.', takenOver],
    },
    account_locked: {
      subject: 'Sign-in to your account is paused',
      body: [
        'On {time} there were too many wrong passwords for your account, so nobody can sign in to it for {minutes} min. Nobody got in.',
        'If it was you, you need not wait:',
        { link: 'link', label: 'Unlock my account' },
        'If it was not you, there is nothing you need to do. A long password that you use nowhere else keeps your account safe.',
      ],
    },
    sign_in: {
      subject: 'Your sign-in link',
      body: [
        'You can sign in with this link, once:',
        { link: 'link', label: 'Sign in' },
        'Or type this code on the page where you asked for it:',
        'code',
        { until: 'Both work until {expires}.' },
        'If you did not ask for it, do nothing: nobody can sign in without it.',
        keepToYourself,
      ],
    },
    confirm_identity: {
      subject: 'Your confirmation code',
      body: [
        'You are about to change something important in your account. To confirm that it is you, type this code:',
        'code',
        { until: 'It works until {expires}.' },
        'Please keep the code to yourself. If you are not doing anything in your account right now, someone else is: end your sessions and choose a new password.',
      ],
    },
    session_ended_by_reuse: {
      subject: 'We ended one of your sessions, to be safe',
      body: [
        'On {time} a key of one of your sessions was used that had been replaced before. Someone may have copied it, so the session was ended. On the device that was signed out you can sign in again.',
        'If you can think of no harmless reason, such as a restored backup of a browser, choose a new password and look at your sessions.',
      ],
    },
    mfa_enabled: {
      subject: 'Your account has a second factor now',
      body: ['Since {time} signing in to your account takes a second factor besides the password.', takenOver],
    },
    mfa_disabled: {
      subject: 'Your second factor was turned off',
      body: ['Since {time} signing in to your account takes no second factor any more.', takenOver],
    },
    totp_added: {
      subject: 'An authenticator app was added to your account',
      body: ['Since {time} codes of an authenticator app count as your second factor too.', takenOver],
    },
    totp_removed: {
      subject: 'Your authenticator app was removed',
      body: [
        'Since {time} codes of your authenticator app no longer count. Your passkeys are still your second factor.',
        takenOver,
      ],
    },
    recovery_codes_created: {
      subject: 'You have new recovery codes',
      body: ['New recovery codes were made for your account on {time}. Older ones no longer work.', takenOver],
    },
    recovery_code_used: {
      subject: 'A recovery code was used',
      body: [
        'Someone, probably you, signed in to your account with a recovery code on {time}. Codes that are left: {left}. You can make new ones in the settings of your account.',
        takenOver,
      ],
    },
    passkey_added: {
      subject: 'A passkey was added to your account',
      body: ['The passkey “{passkey}” was added on {time}. It can be used to sign in to your account.', takenOver],
    },
    passkey_removed: {
      subject: 'A passkey was removed from your account',
      body: ['The passkey “{passkey}” was removed on {time}. It no longer opens your account.', takenOver],
    },
    identity_linked: {
      subject: 'A sign-in was connected to your account',
      body: ['Since {time} you can sign in to your account with {provider}.', takenOver],
    },
    identity_unlinked: {
      subject: 'A sign-in was disconnected from your account',
      body: ['Since {time} {provider} can no longer be used to sign in to your account.', takenOver],
    },
    account_claimed: {
      subject: 'The account with your address is yours now',
      body: [
        'On {time} you signed in with {provider}, which knows that this address is yours. Someone had registered it before and never confirmed it.',
        'To keep you safe, the password, the sessions and the keys of that time were removed. Only you can sign in now.',
        askForHelp,
      ],
    },
    api_key_created: {
      subject: 'An API key was made for your account',
      body: [
        'The API key “{key_name}” was made on {time}. Programs that hold it can act for your account. You can end it in the settings at any time.',
        takenOver,
      ],
    },
    deletion_requested: {
      subject: 'Your account will be deleted',
      body: [
        'You asked on {time} to delete your account. It will be erased on {erase_at}, and nothing of it can be brought back after that.',
        'Until then you can change your mind:',
        { link: 'link', label: 'Keep my account' },
        'If it was not you, keep the account with this link and choose a new password at once.',
      ],
    },
    deletion_cancelled: {
      subject: 'Your account stays',
      body: ['The deletion of your account was called off on {time}. Everything is as it was.', takenOver],
    },
    account_suspended: {
      subject: 'Your account was suspended',
      body: ['An administrator suspended your account on {time}. Nobody can sign in to it for now.', askForHelp],
    },
    account_suspended_until: {
      subject: 'Your account was suspended',
      body: [
        'An administrator suspended your account on {time}. Nobody can sign in to it until {until}; from then on you can again.',
        askForHelp,
      ],
    },
    account_activated: {
      subject: 'Your account is open again',
      body: ['Since {time} you can sign in to your account again.'],
    },
    roles_changed: {
      subject: 'Your roles were changed',
      body: ['An administrator changed the roles of your account on {time}. You have now: {roles}.', askForHelp],
    },
    mfa_reset: {
      subject: 'Your second factor was removed',
      body: [
        'An administrator removed the second factor of your account on {time}. Please add one again after you have signed in.',
        askForHelp,
      ],
    },
    impersonated: {
      subject: 'An administrator used your account',
      body: [
        'On {time} an administrator began to act as you, for at most one hour. The reason that was given: {reason}',
        'They cannot see or change your password, your second factors or your keys.',
        askForHelp,
      ],
    },
    notification_digest: {
      subject: 'You have something to read ({count})',
      body: [
        'While you were away:',
        { list: 'items' },
        { link: 'link', label: 'Open my notifications' },
        'If you do not want mails like this, choose in your settings what is mailed and how often:',
        { link: 'settings_link', label: 'Choose what is mailed' },
      ],
    },
  },
}
