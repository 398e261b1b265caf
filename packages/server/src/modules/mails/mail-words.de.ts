import type { MailWords } from './mail-words.ts'

const takenOver =
  'Wenn Sie das nicht waren, ist vielleicht jemand in Ihr Konto gelangt: Wählen Sie auf der Anmeldeseite über „Passwort vergessen“ ein neues Passwort und beenden Sie danach alle Sitzungen, die Sie nicht kennen.'
const askForHelp = 'Wenn Sie das nicht erwartet haben, fragen Sie bitte bei den Betreibern dieser Seite nach.'
const keepToYourself = 'Bitte geben Sie den Link und den Code nicht weiter. Von uns fragt Sie niemand danach.'

export const german: MailWords = {
  greeting: 'Guten Tag {name},',
  greetingWithoutName: 'Guten Tag,',
  footer: 'Atrium hat diese Mail wegen eines Kontos auf {site} verschickt. Antworten liest niemand.',
  mails: {
    verify_email: {
      subject: 'Bitte bestätigen Sie Ihre E-Mail-Adresse',
      body: [
        'mit dieser Adresse wurde ein Konto angelegt. Wenn die Adresse Ihnen gehört, bestätigen Sie das mit diesem Link:',
        { link: 'link', label: 'Meine Adresse bestätigen' },
        'Oder geben Sie dort, wo Sie sich registriert haben, diesen Code ein; er gilt 10 Minuten:',
        'code',
        { until: 'Der Link gilt bis {expires}.' },
        'Wenn Sie sich nicht registriert haben, brauchen Sie nichts zu tun: Ohne die Bestätigung kann niemand Ihre Adresse benutzen. Bitte geben Sie den Link und den Code nicht weiter.',
      ],
    },
    account_exists: {
      subject: 'Sie haben schon ein Konto',
      body: [
        'jemand, vermutlich Sie selbst, wollte sich am {time} mit dieser Adresse registrieren. Sie hat schon ein Konto, deshalb wurde nichts geändert. Sie können sich damit anmelden:',
        { link: 'sign_in_link', label: 'Anmelden' },
        'Wenn Sie das Passwort vergessen haben, wählen Sie ein neues:',
        { link: 'reset_link', label: 'Neues Passwort wählen' },
        'Wenn Sie das nicht waren, brauchen Sie nichts zu tun.',
      ],
    },
    reset_password: {
      subject: 'Wählen Sie ein neues Passwort',
      body: [
        'jemand, vermutlich Sie selbst, möchte ein neues Passwort für Ihr Konto. Hier können Sie es wählen:',
        { link: 'link', label: 'Neues Passwort wählen' },
        'Oder geben Sie auf der Seite, auf der Sie darum gebeten haben, diesen Code ein; er gilt 10 Minuten:',
        'code',
        { until: 'Der Link gilt bis {expires}.' },
        'Wenn Sie das nicht waren, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.',
        keepToYourself,
      ],
    },
    password_changed: {
      subject: 'Ihr Passwort wurde geändert',
      body: ['das Passwort Ihres Kontos wurde am {time} geändert. Ihre anderen Sitzungen wurden beendet.', takenOver],
    },
    password_set: {
      subject: 'Ihr Konto hat jetzt ein Passwort',
      body: ['Ihr Konto hat am {time} ein Passwort bekommen. Sie können sich ab jetzt damit anmelden.', takenOver],
    },
    confirm_email: {
      subject: 'Bitte bestätigen Sie Ihre neue E-Mail-Adresse',
      body: [
        'diese Adresse wurde als neue Adresse eines Kontos angegeben. Wenn sie Ihnen gehört, bestätigen Sie das mit diesem Link:',
        { link: 'link', label: 'Diese Adresse verwenden' },
        'Oder geben Sie in den Einstellungen des Kontos diesen Code ein; er gilt 10 Minuten:',
        'code',
        { until: 'Der Link gilt bis {expires}.' },
        'Wenn Sie das nicht waren, brauchen Sie nichts zu tun: Ohne die Bestätigung wird Ihre Adresse nicht verwendet. Bitte geben Sie den Link und den Code nicht weiter.',
      ],
    },
    email_change_requested: {
      subject: 'Ihre E-Mail-Adresse soll sich ändern',
      body: [
        'am {time} wollte jemand, vermutlich Sie selbst, die Adresse Ihres Kontos in {new_email} ändern. Sie ändert sich, sobald jene Adresse bestätigt ist.',
        'Wenn Sie das nicht waren, brechen Sie die Änderung in den Einstellungen Ihres Kontos ab und wählen Sie sofort ein neues Passwort.',
      ],
    },
    email_changed: {
      subject: 'Ihre E-Mail-Adresse wurde geändert',
      body: [
        'die Adresse Ihres Kontos wurde am {time} in {new_email} geändert. Mails zu diesem Konto gehen von nun an dorthin.',
        'Wenn Sie das nicht waren, bitten Sie sofort die Betreiber dieser Seite um Hilfe.',
      ],
    },
    username_changed: {
      subject: 'Ihr Benutzername wurde geändert',
      body: ['der Benutzername Ihres Kontos ist seit {time} {username}. Bitte melden Sie sich damit an.', takenOver],
    },
    account_locked: {
      subject: 'Die Anmeldung bei Ihrem Konto ruht',
      body: [
        'am {time} gab es zu viele falsche Passwörter für Ihr Konto, deshalb kann sich {minutes} min lang niemand anmelden. Niemand ist hineingelangt.',
        'Wenn Sie es selbst waren, brauchen Sie nicht zu warten:',
        { link: 'link', label: 'Mein Konto entsperren' },
        'Wenn Sie es nicht waren, brauchen Sie nichts zu tun. Ein langes Passwort, das Sie nirgends sonst benutzen, schützt Ihr Konto.',
      ],
    },
    sign_in: {
      subject: 'Ihr Link zum Anmelden',
      body: [
        'mit diesem Link können Sie sich einmal anmelden:',
        { link: 'link', label: 'Anmelden' },
        'Oder geben Sie auf der Seite, auf der Sie darum gebeten haben, diesen Code ein:',
        'code',
        { until: 'Beide gelten bis {expires}.' },
        'Wenn Sie nicht darum gebeten haben, brauchen Sie nichts zu tun: Ohne den Link oder den Code kann sich niemand anmelden.',
        keepToYourself,
      ],
    },
    confirm_identity: {
      subject: 'Ihr Bestätigungscode',
      body: [
        'Sie wollen etwas Wichtiges in Ihrem Konto ändern. Geben Sie zur Bestätigung, dass Sie es sind, diesen Code ein:',
        'code',
        { until: 'Er gilt bis {expires}.' },
        'Bitte geben Sie den Code nicht weiter. Wenn Sie gerade nichts in Ihrem Konto tun, tut es jemand anderes: Beenden Sie Ihre Sitzungen und wählen Sie ein neues Passwort.',
      ],
    },
    session_ended_by_reuse: {
      subject: 'Wir haben vorsichtshalber eine Ihrer Sitzungen beendet',
      body: [
        'am {time} wurde ein Schlüssel einer Ihrer Sitzungen benutzt, der schon ersetzt war. Vielleicht hat ihn jemand kopiert, deshalb wurde die Sitzung beendet. Auf dem abgemeldeten Gerät können Sie sich wieder anmelden.',
        'Wenn Ihnen kein harmloser Grund einfällt, etwa ein zurückgespielter Browser, wählen Sie ein neues Passwort und sehen Sie Ihre Sitzungen durch.',
      ],
    },
    mfa_enabled: {
      subject: 'Ihr Konto hat jetzt einen zweiten Faktor',
      body: ['seit {time} braucht die Anmeldung bei Ihrem Konto außer dem Passwort einen zweiten Faktor.', takenOver],
    },
    mfa_disabled: {
      subject: 'Ihr zweiter Faktor wurde abgeschaltet',
      body: ['seit {time} braucht die Anmeldung bei Ihrem Konto keinen zweiten Faktor mehr.', takenOver],
    },
    totp_added: {
      subject: 'Ihr Konto hat jetzt eine Authentifizierungs-App',
      body: ['seit {time} gelten auch die Codes einer Authentifizierungs-App als zweiter Faktor.', takenOver],
    },
    totp_removed: {
      subject: 'Ihre Authentifizierungs-App wurde entfernt',
      body: [
        'seit {time} gelten die Codes Ihrer Authentifizierungs-App nicht mehr. Ihre Passkeys bleiben der zweite Faktor.',
        takenOver,
      ],
    },
    recovery_codes_created: {
      subject: 'Sie haben neue Wiederherstellungscodes',
      body: [
        'für Ihr Konto wurden am {time} neue Wiederherstellungscodes erzeugt. Ältere gelten nicht mehr.',
        takenOver,
      ],
    },
    recovery_code_used: {
      subject: 'Ein Wiederherstellungscode wurde benutzt',
      body: [
        'jemand, vermutlich Sie selbst, hat sich am {time} mit einem Wiederherstellungscode angemeldet. Übrige Codes: {left}. Neue erzeugen Sie in den Einstellungen Ihres Kontos.',
        takenOver,
      ],
    },
    passkey_added: {
      subject: 'Ihr Konto hat einen neuen Passkey',
      body: ['der Passkey „{passkey}“ kam am {time} dazu. Mit ihm kann man sich bei Ihrem Konto anmelden.', takenOver],
    },
    passkey_removed: {
      subject: 'Ein Passkey Ihres Kontos wurde entfernt',
      body: ['der Passkey „{passkey}“ wurde am {time} entfernt. Er öffnet Ihr Konto nicht mehr.', takenOver],
    },
    identity_linked: {
      subject: 'Ihr Konto wurde mit einer Anmeldung verbunden',
      body: ['seit {time} können Sie sich mit {provider} bei Ihrem Konto anmelden.', takenOver],
    },
    identity_unlinked: {
      subject: 'Eine Anmeldung wurde von Ihrem Konto getrennt',
      body: ['seit {time} kann man sich mit {provider} nicht mehr bei Ihrem Konto anmelden.', takenOver],
    },
    account_claimed: {
      subject: 'Das Konto mit Ihrer Adresse gehört jetzt Ihnen',
      body: [
        'am {time} haben Sie sich mit {provider} angemeldet; dort ist bekannt, dass diese Adresse Ihnen gehört. Jemand hatte sie vorher registriert und nie bestätigt.',
        'Zu Ihrem Schutz wurden das Passwort, die Sitzungen und die Schlüssel von damals entfernt. Jetzt können nur Sie sich anmelden.',
        askForHelp,
      ],
    },
    api_key_created: {
      subject: 'Für Ihr Konto gibt es einen neuen API-Schlüssel',
      body: [
        'der API-Schlüssel „{key_name}“ wurde am {time} erzeugt. Programme, die ihn haben, können für Ihr Konto handeln. In den Einstellungen können Sie ihn jederzeit beenden.',
        takenOver,
      ],
    },
    deletion_requested: {
      subject: 'Ihr Konto wird gelöscht',
      body: [
        'Sie haben am {time} darum gebeten, Ihr Konto zu löschen. Es wird am {erase_at} endgültig gelöscht und lässt sich danach nicht zurückholen.',
        'Bis dahin können Sie es sich anders überlegen:',
        { link: 'link', label: 'Mein Konto behalten' },
        'Wenn Sie das nicht waren, behalten Sie das Konto mit diesem Link und wählen Sie sofort ein neues Passwort.',
      ],
    },
    deletion_cancelled: {
      subject: 'Ihr Konto bleibt',
      body: ['die Löschung Ihres Kontos wurde am {time} abgesagt. Alles ist, wie es war.', takenOver],
    },
    account_suspended: {
      subject: 'Ihr Konto wurde gesperrt',
      body: ['Ihr Konto wurde am {time} von der Verwaltung gesperrt. Vorerst kann sich niemand anmelden.', askForHelp],
    },
    account_suspended_until: {
      subject: 'Ihr Konto wurde gesperrt',
      body: [
        'Ihr Konto wurde am {time} von der Verwaltung gesperrt. Bis {until} kann sich niemand anmelden; danach können Sie es wieder.',
        askForHelp,
      ],
    },
    account_activated: {
      subject: 'Ihr Konto ist wieder offen',
      body: ['seit {time} können Sie sich wieder bei Ihrem Konto anmelden.'],
    },
    roles_changed: {
      subject: 'Ihre Rollen wurden geändert',
      body: ['die Verwaltung hat am {time} die Rollen Ihres Kontos geändert. Sie haben jetzt: {roles}.', askForHelp],
    },
    mfa_reset: {
      subject: 'Ihr zweiter Faktor wurde entfernt',
      body: [
        'die Verwaltung hat am {time} den zweiten Faktor Ihres Kontos entfernt. Bitte richten Sie nach der Anmeldung wieder einen ein.',
        askForHelp,
      ],
    },
    impersonated: {
      subject: 'Die Verwaltung hat Ihr Konto benutzt',
      body: [
        'am {time} hat jemand aus der Verwaltung begonnen, für höchstens eine Stunde in Ihrem Namen zu handeln. Als Grund wurde angegeben: {reason}',
        'Ihr Passwort, Ihre zweiten Faktoren und Ihre Schlüssel kann dabei niemand sehen oder ändern.',
        askForHelp,
      ],
    },
    notification_digest: {
      subject: 'Es gibt etwas für Sie zu lesen ({count})',
      body: [
        'während Sie nicht da waren:',
        { list: 'items' },
        { link: 'link', label: 'Meine Benachrichtigungen öffnen' },
        'Wenn Sie solche Mails nicht möchten, wählen Sie in den Einstellungen, was verschickt wird und wie oft:',
        { link: 'settings_link', label: 'Wählen, was verschickt wird' },
      ],
    },
  },
}
