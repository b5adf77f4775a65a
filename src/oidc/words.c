/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.c: see words.h. One entry a language, in the order of locale_codes; all entries fill all
 * members (a test counts). They go into pages as they are.
 */
#include "oidc/words.h"

static const struct sign_in_words languages[LOCALES] = {
    {
	.lang = "en",
	.done_title = "You are signed in",
	.done = "Your device continues by itself. If it does not, press the button.",
	.go_on = "Continue",
	.failed_title = "You could not be signed in",
	.number = "If you need help, give your administrator this number:",
	.says[SAY_NOT_JOINING] = "This page can only be opened while Windows adds a device to your "
				 "organization.",
	.says[SAY_UNKNOWN] =
	    "No organization is known here for this address. Check the e-mail address "
	    "you typed, or ask your administrator.",
	.says[SAY_METHOD] =
	    "Your organization does not let people sign in here. Ask your administrator "
	    "how to add this device.",
	.says[SAY_PROVIDER] =
	    "Your organization's sign-in page cannot be reached at the moment. Try again "
	    "in a few minutes.",
	.says[SAY_AGAIN] =
	    "This sign-in is no longer valid. Close this window and start adding your "
	    "device again.",
	.says[SAY_DENIED] =
	    "You did not sign in, or you may not use this. Close this window; to try "
	    "again, start adding your device again.",
	.says[SAY_FAILED] =
	    "Your organization's sign-in service reported an error. Close this window "
	    "and try again, or ask your administrator.",
	.says[SAY_TOKEN] = "You signed in, but this server cannot accept the answer of your "
			   "organization's sign-in service. Ask your administrator.",
	.says[SAY_SERVER] = "Something went wrong on the server. Try again in a moment.",
    },
    {
	.lang = "ar",
	.done_title = "تم تسجيل دخولك",
	.done = "يتابع جهازك تلقائياً. إذا لم يحدث ذلك، فاضغط على الزر.",
	.go_on = "متابعة",
	.failed_title = "تعذّر تسجيل دخولك",
	.number = "إذا احتجت إلى مساعدة، فأعطِ المسؤول هذا الرقم:",
	.says[SAY_NOT_JOINING] =
	    "لا يمكن فتح هذه الصفحة إلا أثناء قيام Windows بإضافة جهاز إلى مؤسستك.",
	.says[SAY_UNKNOWN] =
	    "لا توجد هنا مؤسسة معروفة لهذا العنوان. تحقّق من عنوان البريد الإلكتروني الذي "
	    "كتبته، أو اسأل المسؤول.",
	.says[SAY_METHOD] =
	    "لا تسمح مؤسستك بتسجيل الدخول هنا. اسأل المسؤول عن كيفية إضافة هذا الجهاز.",
	.says[SAY_PROVIDER] =
	    "يتعذّر الوصول حالياً إلى صفحة تسجيل الدخول الخاصة بمؤسستك. حاول مرة أخرى بعد "
	    "بضع دقائق.",
	.says[SAY_AGAIN] =
	    "لم يعد تسجيل الدخول هذا صالحاً. أغلق هذه النافذة وابدأ إضافة جهازك من جديد.",
	.says[SAY_DENIED] =
	    "لم تسجّل الدخول، أو لا يُسمح لك باستخدام هذا. أغلق هذه النافذة؛ وللمحاولة مرة "
	    "أخرى، ابدأ إضافة جهازك من جديد.",
	.says[SAY_FAILED] =
	    "أبلغت خدمة تسجيل الدخول في مؤسستك عن خطأ. أغلق هذه النافذة وحاول مرة أخرى، "
	    "أو اسأل المسؤول.",
	.says[SAY_TOKEN] =
	    "سجّلت الدخول، لكن هذا الخادم لا يمكنه قبول رد خدمة تسجيل الدخول في مؤسستك. "
	    "اسأل المسؤول.",
	.says[SAY_SERVER] = "حدث خطأ ما في الخادم. حاول مرة أخرى بعد قليل.",
    },
    {
	.lang = "cs",
	.done_title = "Jste přihlášeni",
	.done = "Zařízení bude pokračovat samo. Pokud ne, stiskněte tlačítko.",
	.go_on = "Pokračovat",
	.failed_title = "Přihlášení se nezdařilo",
	.number = "Budete-li potřebovat pomoc, sdělte správci toto číslo:",
	.says[SAY_NOT_JOINING] =
	    "Tuto stránku lze otevřít jen tehdy, když Windows přidává zařízení do vaší "
	    "organizace.",
	.says[SAY_UNKNOWN] =
	    "Pro tuto adresu zde není známa žádná organizace. Zkontrolujte zadanou "
	    "e-mailovou adresu nebo se obraťte na správce.",
	.says[SAY_METHOD] =
	    "Vaše organizace zde přihlašování neumožňuje. Zeptejte se správce, jak toto "
	    "zařízení přidat.",
	.says[SAY_PROVIDER] =
	    "Přihlašovací stránka vaší organizace je momentálně nedostupná. Zkuste to "
	    "znovu za několik minut.",
	.says[SAY_AGAIN] = "Toto přihlášení už není platné. Zavřete toto okno a začněte zařízení "
			   "přidávat znovu.",
	.says[SAY_DENIED] =
	    "Nepřihlásili jste se, nebo k tomu nemáte oprávnění. Zavřete toto okno; "
	    "chcete-li to zkusit znovu, začněte zařízení přidávat od začátku.",
	.says[SAY_FAILED] =
	    "Přihlašovací služba vaší organizace ohlásila chybu. Zavřete toto okno a "
	    "zkuste to znovu, nebo se obraťte na správce.",
	.says[SAY_TOKEN] =
	    "Přihlásili jste se, ale tento server nemůže přijmout odpověď přihlašovací "
	    "služby vaší organizace. Obraťte se na správce.",
	.says[SAY_SERVER] = "Na serveru se něco pokazilo. Zkuste to za chvíli znovu.",
    },
    {
	.lang = "da",
	.done_title = "Du er logget på",
	.done = "Din enhed fortsætter af sig selv. Hvis ikke, så tryk på knappen.",
	.go_on = "Fortsæt",
	.failed_title = "Du kunne ikke logges på",
	.number = "Hvis du har brug for hjælp, skal du oplyse dette nummer til din "
		  "administrator:",
	.says[SAY_NOT_JOINING] =
	    "Denne side kan kun åbnes, mens Windows føjer en enhed til din organisation.",
	.says[SAY_UNKNOWN] = "Der kendes ingen organisation for denne adresse her. Kontrollér den "
			     "mailadresse, du har skrevet, eller spørg din administrator.",
	.says[SAY_METHOD] = "Din organisation tillader ikke, at man logger på her. Spørg din "
			    "administrator, hvordan du tilføjer denne enhed.",
	.says[SAY_PROVIDER] =
	    "Din organisations logonside kan ikke nås i øjeblikket. Prøv igen om nogle "
	    "minutter.",
	.says[SAY_AGAIN] =
	    "Dette logon er ikke længere gyldigt. Luk vinduet, og begynd forfra med at "
	    "tilføje din enhed.",
	.says[SAY_DENIED] =
	    "Du loggede ikke på, eller du må ikke bruge dette. Luk vinduet; hvis du vil "
	    "prøve igen, skal du begynde forfra med at tilføje din enhed.",
	.says[SAY_FAILED] =
	    "Din organisations logontjeneste meldte en fejl. Luk vinduet, og prøv igen, "
	    "eller spørg din administrator.",
	.says[SAY_TOKEN] = "Du loggede på, men denne server kan ikke godtage svaret fra din "
			   "organisations logontjeneste. Spørg din administrator.",
	.says[SAY_SERVER] = "Noget gik galt på serveren. Prøv igen om et øjeblik.",
    },
    {
	.lang = "de",
	.done_title = "Sie sind angemeldet",
	.done = "Ihr Gerät fährt von selbst fort. Wenn nicht, drücken Sie die Taste.",
	.go_on = "Weiter",
	.failed_title = "Sie konnten nicht angemeldet werden",
	.number = "Wenn Sie Hilfe brauchen, nennen Sie Ihrem Administrator diese Nummer:",
	.says[SAY_NOT_JOINING] =
	    "Diese Seite kann nur geöffnet werden, während Windows ein Gerät zu Ihrer "
	    "Organisation hinzufügt.",
	.says[SAY_UNKNOWN] =
	    "Zu dieser Adresse ist hier keine Organisation bekannt. Prüfen Sie die "
	    "eingegebene E-Mail-Adresse, oder fragen Sie Ihren Administrator.",
	.says[SAY_METHOD] = "Ihre Organisation lässt hier keine Anmeldung zu. Fragen Sie Ihren "
			    "Administrator, wie Sie dieses Gerät hinzufügen.",
	.says[SAY_PROVIDER] = "Die Anmeldeseite Ihrer Organisation ist im Moment nicht erreichbar. "
			      "Versuchen Sie es in einigen Minuten noch einmal.",
	.says[SAY_AGAIN] =
	    "Diese Anmeldung ist nicht mehr gültig. Schließen Sie dieses Fenster, und "
	    "fügen Sie Ihr Gerät von vorn hinzu.",
	.says[SAY_DENIED] =
	    "Sie haben sich nicht angemeldet oder dürfen dies nicht verwenden. Schließen "
	    "Sie dieses Fenster; um es noch einmal zu versuchen, fügen Sie Ihr Gerät von "
	    "vorn hinzu.",
	.says[SAY_FAILED] =
	    "Der Anmeldedienst Ihrer Organisation hat einen Fehler gemeldet. Schließen "
	    "Sie dieses Fenster, und versuchen Sie es noch einmal, oder fragen Sie Ihren "
	    "Administrator.",
	.says[SAY_TOKEN] = "Sie haben sich angemeldet, aber dieser Server kann die Antwort des "
			   "Anmeldedienstes Ihrer Organisation nicht annehmen. Fragen Sie Ihren "
			   "Administrator.",
	.says[SAY_SERVER] = "Auf dem Server ist etwas schiefgegangen. Versuchen Sie es gleich noch "
			    "einmal.",
    },
    {
	.lang = "es",
	.done_title = "Ha iniciado sesión",
	.done = "Su dispositivo continúa solo. Si no lo hace, pulse el botón.",
	.go_on = "Continuar",
	.failed_title = "No se pudo iniciar su sesión",
	.number = "Si necesita ayuda, indique este número a su administrador:",
	.says[SAY_NOT_JOINING] =
	    "Esta página solo puede abrirse mientras Windows agrega un dispositivo a su "
	    "organización.",
	.says[SAY_UNKNOWN] =
	    "Aquí no se conoce ninguna organización para esta dirección. Compruebe la "
	    "dirección de correo que escribió o pregunte a su administrador.",
	.says[SAY_METHOD] =
	    "Su organización no permite iniciar sesión aquí. Pregunte a su administrador "
	    "cómo agregar este dispositivo.",
	.says[SAY_PROVIDER] =
	    "La página de inicio de sesión de su organización no está disponible en este "
	    "momento. Inténtelo de nuevo en unos minutos.",
	.says[SAY_AGAIN] = "Este inicio de sesión ya no es válido. Cierre esta ventana y vuelva a "
			   "agregar su dispositivo desde el principio.",
	.says[SAY_DENIED] =
	    "No inició sesión o no puede usar esto. Cierre esta ventana; para intentarlo "
	    "otra vez, vuelva a agregar su dispositivo desde el principio.",
	.says[SAY_FAILED] =
	    "El servicio de inicio de sesión de su organización comunicó un error. "
	    "Cierre esta ventana e inténtelo de nuevo, o pregunte a su administrador.",
	.says[SAY_TOKEN] = "Inició sesión, pero este servidor no puede aceptar la respuesta del "
			   "servicio de inicio de sesión de su organización. Pregunte a su "
			   "administrador.",
	.says[SAY_SERVER] = "Algo salió mal en el servidor. Inténtelo de nuevo en un momento.",
    },
    {
	.lang = "fi",
	.done_title = "Olet kirjautunut sisään",
	.done = "Laitteesi jatkaa itsestään. Jos se ei jatka, paina painiketta.",
	.go_on = "Jatka",
	.failed_title = "Kirjautuminen ei onnistunut",
	.number = "Jos tarvitset apua, anna järjestelmänvalvojallesi tämä numero:",
	.says[SAY_NOT_JOINING] =
	    "Tämän sivun voi avata vain, kun Windows lisää laitetta organisaatioosi.",
	.says[SAY_UNKNOWN] =
	    "Tälle osoitteelle ei tunneta täällä organisaatiota. Tarkista kirjoittamasi "
	    "sähköpostiosoite tai kysy järjestelmänvalvojaltasi.",
	.says[SAY_METHOD] = "Organisaatiosi ei salli kirjautumista täällä. Kysy "
			    "järjestelmänvalvojaltasi, miten tämä laite lisätään.",
	.says[SAY_PROVIDER] =
	    "Organisaatiosi kirjautumissivuun ei saada nyt yhteyttä. Yritä uudelleen "
	    "muutaman minuutin kuluttua.",
	.says[SAY_AGAIN] = "Tämä kirjautuminen ei ole enää voimassa. Sulje tämä ikkuna ja aloita "
			   "laitteen lisääminen alusta.",
	.says[SAY_DENIED] =
	    "Et kirjautunut sisään, tai sinulla ei ole tähän oikeutta. Sulje tämä "
	    "ikkuna; jos haluat yrittää uudelleen, aloita laitteen lisääminen alusta.",
	.says[SAY_FAILED] =
	    "Organisaatiosi kirjautumispalvelu ilmoitti virheestä. Sulje tämä ikkuna ja "
	    "yritä uudelleen tai kysy järjestelmänvalvojaltasi.",
	.says[SAY_TOKEN] = "Kirjauduit sisään, mutta tämä palvelin ei voi hyväksyä organisaatiosi "
			   "kirjautumispalvelun vastausta. Kysy järjestelmänvalvojaltasi.",
	.says[SAY_SERVER] = "Palvelimella tapahtui virhe. Yritä hetken kuluttua uudelleen.",
    },
    {
	.lang = "fr",
	.done_title = "Vous êtes connecté",
	.done = "Votre appareil continue de lui-même. Sinon, appuyez sur le bouton.",
	.go_on = "Continuer",
	.failed_title = "Vous n’avez pas pu être connecté",
	.number = "Si vous avez besoin d’aide, donnez ce numéro à votre administrateur :",
	.says[SAY_NOT_JOINING] =
	    "Cette page ne peut être ouverte que pendant que Windows ajoute un appareil "
	    "à votre organisation.",
	.says[SAY_UNKNOWN] =
	    "Aucune organisation n’est connue ici pour cette adresse. Vérifiez l’adresse "
	    "e-mail que vous avez saisie ou demandez à votre administrateur.",
	.says[SAY_METHOD] =
	    "Votre organisation ne permet pas de se connecter ici. Demandez à votre "
	    "administrateur comment ajouter cet appareil.",
	.says[SAY_PROVIDER] =
	    "La page de connexion de votre organisation est injoignable pour le moment. "
	    "Réessayez dans quelques minutes.",
	.says[SAY_AGAIN] =
	    "Cette connexion n’est plus valable. Fermez cette fenêtre et recommencez "
	    "l’ajout de votre appareil.",
	.says[SAY_DENIED] =
	    "Vous ne vous êtes pas connecté ou vous n’y êtes pas autorisé. Fermez cette "
	    "fenêtre ; pour réessayer, recommencez l’ajout de votre appareil.",
	.says[SAY_FAILED] =
	    "Le service de connexion de votre organisation a signalé une erreur. Fermez "
	    "cette fenêtre et réessayez, ou demandez à votre administrateur.",
	.says[SAY_TOKEN] =
	    "Vous vous êtes connecté, mais ce serveur ne peut pas accepter la réponse du "
	    "service de connexion de votre organisation. Demandez à votre administrateur.",
	.says[SAY_SERVER] = "Un problème est survenu sur le serveur. Réessayez dans un instant.",
    },
    {
	.lang = "he",
	.done_title = "נכנסת בהצלחה",
	.done = "המכשיר שלך ממשיך מעצמו. אם לא, יש ללחוץ על הלחצן.",
	.go_on = "המשך",
	.failed_title = "לא ניתן היה להיכנס",
	.number = "אם דרושה עזרה, יש למסור למנהל המערכת את המספר הזה:",
	.says[SAY_NOT_JOINING] = "ניתן לפתוח דף זה רק בזמן ש-Windows מוסיף מכשיר לארגון שלך.",
	.says[SAY_UNKNOWN] =
	    "לא מוכר כאן ארגון עבור כתובת זו. יש לבדוק את כתובת הדואר האלקטרוני שהוקלדה "
	    "או לפנות למנהל המערכת.",
	.says[SAY_METHOD] =
	    "הארגון שלך אינו מאפשר להיכנס כאן. יש לשאול את מנהל המערכת כיצד להוסיף מכשיר "
	    "זה.",
	.says[SAY_PROVIDER] =
	    "לא ניתן להגיע כעת לדף הכניסה של הארגון שלך. יש לנסות שוב בעוד כמה דקות.",
	.says[SAY_AGAIN] = "כניסה זו אינה תקפה עוד. יש לסגור חלון זה ולהתחיל שוב בהוספת המכשיר.",
	.says[SAY_DENIED] =
	    "לא נכנסת, או שאין לך הרשאה לכך. יש לסגור חלון זה; כדי לנסות שוב, יש להתחיל "
	    "שוב בהוספת המכשיר.",
	.says[SAY_FAILED] =
	    "שירות הכניסה של הארגון שלך דיווח על שגיאה. יש לסגור חלון זה ולנסות שוב, או "
	    "לפנות למנהל המערכת.",
	.says[SAY_TOKEN] =
	    "נכנסת, אך שרת זה אינו יכול לקבל את תשובת שירות הכניסה של הארגון שלך. יש "
	    "לפנות למנהל המערכת.",
	.says[SAY_SERVER] = "משהו השתבש בשרת. יש לנסות שוב בעוד רגע.",
    },
    {
	.lang = "it",
	.done_title = "Accesso eseguito",
	.done = "Il dispositivo continua da solo. In caso contrario, premi il pulsante.",
	.go_on = "Continua",
	.failed_title = "Non è stato possibile eseguire l’accesso",
	.number = "Se hai bisogno di aiuto, comunica questo numero al tuo amministratore:",
	.says[SAY_NOT_JOINING] =
	    "Questa pagina si può aprire solo mentre Windows aggiunge un dispositivo "
	    "alla tua organizzazione.",
	.says[SAY_UNKNOWN] = "Qui non è nota alcuna organizzazione per questo indirizzo. Controlla "
			     "l’indirizzo e-mail che hai scritto o chiedi al tuo amministratore.",
	.says[SAY_METHOD] = "La tua organizzazione non consente di accedere qui. Chiedi al tuo "
			    "amministratore come aggiungere questo dispositivo.",
	.says[SAY_PROVIDER] =
	    "La pagina di accesso della tua organizzazione non è raggiungibile al "
	    "momento. Riprova tra qualche minuto.",
	.says[SAY_AGAIN] =
	    "Questo accesso non è più valido. Chiudi questa finestra e ricomincia ad "
	    "aggiungere il dispositivo.",
	.says[SAY_DENIED] =
	    "Non hai eseguito l’accesso o non puoi usare questa funzione. Chiudi questa "
	    "finestra; per riprovare, ricomincia ad aggiungere il dispositivo.",
	.says[SAY_FAILED] =
	    "Il servizio di accesso della tua organizzazione ha segnalato un errore. "
	    "Chiudi questa finestra e riprova, o chiedi al tuo amministratore.",
	.says[SAY_TOKEN] =
	    "Hai eseguito l’accesso, ma questo server non può accettare la risposta del "
	    "servizio di accesso della tua organizzazione. Chiedi al tuo amministratore.",
	.says[SAY_SERVER] = "Qualcosa è andato storto sul server. Riprova tra un momento.",
    },
    {
	.lang = "ja",
	.done_title = "サインインしました",
	.done = "デバイスは自動的に続行します。続行しない場合は、ボタンを押してください。",
	.go_on = "続行",
	.failed_title = "サインインできませんでした",
	.number = "サポートが必要な場合は、管理者にこの番号を伝えてください:",
	.says[SAY_NOT_JOINING] =
	    "このページは、Windows が組織にデバイスを追加している間だけ開くことができます"
	    "。",
	.says[SAY_UNKNOWN] =
	    "このアドレスの組織はここでは見つかりません。入力したメール アドレスを確認す"
	    "るか、管理者に問い合わせてください。",
	.says[SAY_METHOD] =
	    "組織はここでのサインインを許可していません。このデバイスの追加方法を管理者に"
	    "問い合わせてください。",
	.says[SAY_PROVIDER] =
	    "現在、組織のサインイン ページに接続できません。数分後にもう一度お試しくださ"
	    "い。",
	.says[SAY_AGAIN] =
	    "このサインインは無効になりました。このウィンドウを閉じて、デバイスの追加を最"
	    "初からやり直してください。",
	.says[SAY_DENIED] =
	    "サインインしなかったか、使用が許可されていません。このウィンドウを閉じてくだ"
	    "さい。もう一度試すには、デバイスの追加を最初からやり直してください。",
	.says[SAY_FAILED] =
	    "組織のサインイン サービスがエラーを報告しました。このウィンドウを閉じてもう"
	    "一度試すか、管理者に問い合わせてください。",
	.says[SAY_TOKEN] =
	    "サインインしましたが、このサーバーは組織のサインイン サービスの応答を受け入"
	    "れることができません。管理者に問い合わせてください。",
	.says[SAY_SERVER] =
	    "サーバーで問題が発生しました。しばらくしてからもう一度お試しください。",
    },
    {
	.lang = "ko",
	.done_title = "로그인했습니다",
	.done = "장치가 자동으로 계속합니다. 계속하지 않으면 단추를 누르세요.",
	.go_on = "계속",
	.failed_title = "로그인할 수 없습니다",
	.number = "도움이 필요하면 관리자에게 이 번호를 알려 주세요:",
	.says[SAY_NOT_JOINING] =
	    "이 페이지는 Windows가 조직에 장치를 추가하는 동안에만 열 수 있습니다.",
	.says[SAY_UNKNOWN] = "이 주소에 해당하는 조직을 찾을 수 없습니다. 입력한 전자 메일 주소를 "
			     "확인하거나 관리자에게 문의하세요.",
	.says[SAY_METHOD] = "조직에서 여기로 로그인하는 것을 허용하지 않습니다. 이 장치를 추가하는 "
			    "방법을 관리자에게 문의하세요.",
	.says[SAY_PROVIDER] = "지금은 조직의 로그인 페이지에 연결할 수 없습니다. 몇 분 후에 다시 "
			      "시도하세요.",
	.says[SAY_AGAIN] = "이 로그인은 더 이상 유효하지 않습니다. 이 창을 닫고 장치 추가를 다시 "
			   "시작하세요.",
	.says[SAY_DENIED] = "로그인하지 않았거나 사용할 권한이 없습니다. 이 창을 닫으세요. 다시 "
			    "시도하려면 장치 추가를 다시 시작하세요.",
	.says[SAY_FAILED] =
	    "조직의 로그인 서비스에서 오류를 보고했습니다. 이 창을 닫고 다시 시도하거나 "
	    "관리자에게 문의하세요.",
	.says[SAY_TOKEN] = "로그인했지만 이 서버가 조직의 로그인 서비스 응답을 수락할 수 없습니다. "
			   "관리자에게 문의하세요.",
	.says[SAY_SERVER] = "서버에 문제가 발생했습니다. 잠시 후 다시 시도하세요.",
    },
    {
	.lang = "nb",
	.done_title = "Du er logget på",
	.done = "Enheten fortsetter av seg selv. Hvis ikke, trykker du på knappen.",
	.go_on = "Fortsett",
	.failed_title = "Du kunne ikke logges på",
	.number = "Hvis du trenger hjelp, gir du administratoren dette nummeret:",
	.says[SAY_NOT_JOINING] = "Denne siden kan bare åpnes mens Windows legger til en enhet i "
				 "organisasjonen din.",
	.says[SAY_UNKNOWN] = "Ingen organisasjon er kjent her for denne adressen. Kontroller "
			     "e-postadressen du skrev, eller spør administratoren.",
	.says[SAY_METHOD] =
	    "Organisasjonen din lar ingen logge på her. Spør administratoren hvordan du "
	    "legger til denne enheten.",
	.says[SAY_PROVIDER] =
	    "Påloggingssiden til organisasjonen din kan ikke nås for øyeblikket. Prøv på "
	    "nytt om noen minutter.",
	.says[SAY_AGAIN] =
	    "Denne påloggingen er ikke lenger gyldig. Lukk dette vinduet, og begynn på "
	    "nytt med å legge til enheten.",
	.says[SAY_DENIED] =
	    "Du logget ikke på, eller du kan ikke bruke dette. Lukk dette vinduet. Hvis "
	    "du vil prøve igjen, begynner du på nytt med å legge til enheten.",
	.says[SAY_FAILED] = "Påloggingstjenesten til organisasjonen din meldte en feil. Lukk dette "
			    "vinduet og prøv på nytt, eller spør administratoren.",
	.says[SAY_TOKEN] = "Du logget på, men denne serveren kan ikke godta svaret fra "
			   "påloggingstjenesten til organisasjonen din. Spør administratoren.",
	.says[SAY_SERVER] = "Noe gikk galt på serveren. Prøv på nytt om et øyeblikk.",
    },
    {
	.lang = "nl",
	.done_title = "U bent aangemeld",
	.done = "Uw apparaat gaat vanzelf verder. Als dat niet gebeurt, drukt u op de knop.",
	.go_on = "Doorgaan",
	.failed_title = "U kon niet worden aangemeld",
	.number = "Als u hulp nodig hebt, geef dan uw beheerder dit nummer:",
	.says[SAY_NOT_JOINING] =
	    "Deze pagina kan alleen worden geopend terwijl Windows een apparaat aan uw "
	    "organisatie toevoegt.",
	.says[SAY_UNKNOWN] =
	    "Voor dit adres is hier geen organisatie bekend. Controleer het e-mailadres "
	    "dat u hebt getypt of vraag het uw beheerder.",
	.says[SAY_METHOD] =
	    "Uw organisatie staat aanmelden hier niet toe. Vraag uw beheerder hoe u dit "
	    "apparaat toevoegt.",
	.says[SAY_PROVIDER] =
	    "De aanmeldingspagina van uw organisatie is op dit moment niet bereikbaar. "
	    "Probeer het over enkele minuten opnieuw.",
	.says[SAY_AGAIN] =
	    "Deze aanmelding is niet meer geldig. Sluit dit venster en begin opnieuw met "
	    "het toevoegen van uw apparaat.",
	.says[SAY_DENIED] =
	    "U hebt zich niet aangemeld of u mag dit niet gebruiken. Sluit dit venster; "
	    "om het opnieuw te proberen, begint u opnieuw met het toevoegen van uw "
	    "apparaat.",
	.says[SAY_FAILED] =
	    "De aanmeldingsservice van uw organisatie heeft een fout gemeld. Sluit dit "
	    "venster en probeer het opnieuw, of vraag het uw beheerder.",
	.says[SAY_TOKEN] = "U hebt zich aangemeld, maar deze server kan het antwoord van de "
			   "aanmeldingsservice van uw organisatie niet accepteren. Vraag het uw "
			   "beheerder.",
	.says[SAY_SERVER] = "Er is iets misgegaan op de server. Probeer het zo meteen opnieuw.",
    },
    {
	.lang = "pl",
	.done_title = "Zalogowano",
	.done = "Urządzenie będzie kontynuować samo. Jeśli tak się nie stanie, naciśnij "
		"przycisk.",
	.go_on = "Kontynuuj",
	.failed_title = "Nie udało się zalogować",
	.number = "Jeśli potrzebujesz pomocy, podaj administratorowi ten numer:",
	.says[SAY_NOT_JOINING] =
	    "Tę stronę można otworzyć tylko wtedy, gdy system Windows dodaje urządzenie "
	    "do Twojej organizacji.",
	.says[SAY_UNKNOWN] =
	    "Dla tego adresu nie jest tu znana żadna organizacja. Sprawdź wpisany adres "
	    "e-mail lub zapytaj administratora.",
	.says[SAY_METHOD] = "Twoja organizacja nie zezwala na logowanie się tutaj. Zapytaj "
			    "administratora, jak dodać to urządzenie.",
	.says[SAY_PROVIDER] =
	    "Strona logowania Twojej organizacji jest obecnie niedostępna. Spróbuj "
	    "ponownie za kilka minut.",
	.says[SAY_AGAIN] = "To logowanie nie jest już ważne. Zamknij to okno i zacznij dodawać "
			   "urządzenie od nowa.",
	.says[SAY_DENIED] = "Nie zalogowano się lub brak uprawnień. Zamknij to okno; aby spróbować "
			    "ponownie, zacznij dodawać urządzenie od nowa.",
	.says[SAY_FAILED] = "Usługa logowania Twojej organizacji zgłosiła błąd. Zamknij to okno i "
			    "spróbuj ponownie lub zapytaj administratora.",
	.says[SAY_TOKEN] =
	    "Zalogowano, ale ten serwer nie może przyjąć odpowiedzi usługi logowania "
	    "Twojej organizacji. Zapytaj administratora.",
	.says[SAY_SERVER] = "Wystąpił problem na serwerze. Spróbuj ponownie za chwilę.",
    },
    {
	.lang = "pt",
	.done_title = "Você está conectado",
	.done = "O seu dispositivo continua sozinho. Se isso não acontecer, pressione o botão.",
	.go_on = "Continuar",
	.failed_title = "Não foi possível entrar",
	.number = "Se precisar de ajuda, informe este número ao seu administrador:",
	.says[SAY_NOT_JOINING] =
	    "Esta página só pode ser aberta enquanto o Windows adiciona um dispositivo à "
	    "sua organização.",
	.says[SAY_UNKNOWN] = "Nenhuma organização é conhecida aqui para este endereço. Verifique o "
			     "endereço de e-mail que digitou ou pergunte ao seu administrador.",
	.says[SAY_METHOD] =
	    "A sua organização não permite entrar aqui. Pergunte ao seu administrador "
	    "como adicionar este dispositivo.",
	.says[SAY_PROVIDER] =
	    "A página de entrada da sua organização não está acessível no momento. Tente "
	    "novamente em alguns minutos.",
	.says[SAY_AGAIN] =
	    "Esta entrada já não é válida. Feche esta janela e comece a adicionar o seu "
	    "dispositivo novamente.",
	.says[SAY_DENIED] =
	    "Você não entrou ou não pode usar isto. Feche esta janela; para tentar outra "
	    "vez, comece a adicionar o seu dispositivo novamente.",
	.says[SAY_FAILED] = "O serviço de entrada da sua organização comunicou um erro. Feche esta "
			    "janela e tente novamente ou pergunte ao seu administrador.",
	.says[SAY_TOKEN] =
	    "Você entrou, mas este servidor não pode aceitar a resposta do serviço de "
	    "entrada da sua organização. Pergunte ao seu administrador.",
	.says[SAY_SERVER] = "Algo deu errado no servidor. Tente novamente daqui a pouco.",
    },
    {
	.lang = "ru",
	.done_title = "Вы вошли",
	.done = "Устройство продолжит само. Если этого не происходит, нажмите кнопку.",
	.go_on = "Продолжить",
	.failed_title = "Не удалось войти",
	.number = "Если нужна помощь, сообщите администратору этот номер:",
	.says[SAY_NOT_JOINING] =
	    "Эту страницу можно открыть, только когда Windows добавляет устройство в "
	    "вашу организацию.",
	.says[SAY_UNKNOWN] =
	    "Для этого адреса здесь не известна ни одна организация. Проверьте введённый "
	    "адрес электронной почты или обратитесь к администратору.",
	.says[SAY_METHOD] =
	    "Ваша организация не разрешает вход здесь. Спросите администратора, как "
	    "добавить это устройство.",
	.says[SAY_PROVIDER] =
	    "Страница входа вашей организации сейчас недоступна. Повторите попытку через "
	    "несколько минут.",
	.says[SAY_AGAIN] =
	    "Этот вход больше не действителен. Закройте это окно и начните добавлять "
	    "устройство заново.",
	.says[SAY_DENIED] =
	    "Вы не вошли, или вам это не разрешено. Закройте это окно; чтобы повторить "
	    "попытку, начните добавлять устройство заново.",
	.says[SAY_FAILED] =
	    "Служба входа вашей организации сообщила об ошибке. Закройте это окно и "
	    "повторите попытку или обратитесь к администратору.",
	.says[SAY_TOKEN] = "Вы вошли, но этот сервер не может принять ответ службы входа вашей "
			   "организации. Обратитесь к администратору.",
	.says[SAY_SERVER] = "На сервере произошла ошибка. Повторите попытку чуть позже.",
    },
    {
	.lang = "sv",
	.done_title = "Du är inloggad",
	.done = "Enheten fortsätter av sig själv. Om den inte gör det trycker du på knappen.",
	.go_on = "Fortsätt",
	.failed_title = "Det gick inte att logga in dig",
	.number = "Om du behöver hjälp, ge administratören det här numret:",
	.says[SAY_NOT_JOINING] =
	    "Den här sidan kan bara öppnas medan Windows lägger till en enhet i din "
	    "organisation.",
	.says[SAY_UNKNOWN] = "Ingen organisation är känd här för den här adressen. Kontrollera "
			     "e-postadressen du skrev eller fråga administratören.",
	.says[SAY_METHOD] =
	    "Din organisation tillåter inte inloggning här. Fråga administratören hur du "
	    "lägger till den här enheten.",
	.says[SAY_PROVIDER] =
	    "Det går inte att nå organisationens inloggningssida just nu. Försök igen om "
	    "några minuter.",
	.says[SAY_AGAIN] =
	    "Den här inloggningen gäller inte längre. Stäng fönstret och börja om med "
	    "att lägga till enheten.",
	.says[SAY_DENIED] =
	    "Du loggade inte in, eller så får du inte använda det här. Stäng fönstret. "
	    "Om du vill försöka igen börjar du om med att lägga till enheten.",
	.says[SAY_FAILED] =
	    "Organisationens inloggningstjänst rapporterade ett fel. Stäng fönstret och "
	    "försök igen, eller fråga administratören.",
	.says[SAY_TOKEN] = "Du loggade in, men den här servern kan inte godta svaret från "
			   "organisationens inloggningstjänst. Fråga administratören.",
	.says[SAY_SERVER] = "Något gick fel på servern. Försök igen om en stund.",
    },
    {
	.lang = "tr",
	.done_title = "Oturum açtınız",
	.done = "Cihazınız kendiliğinden devam eder. Etmezse düğmeye basın.",
	.go_on = "Devam",
	.failed_title = "Oturumunuz açılamadı",
	.number = "Yardıma ihtiyacınız olursa yöneticinize bu numarayı verin:",
	.says[SAY_NOT_JOINING] =
	    "Bu sayfa yalnızca Windows kuruluşunuza bir cihaz eklerken açılabilir.",
	.says[SAY_UNKNOWN] =
	    "Bu adres için burada bilinen bir kuruluş yok. Yazdığınız e-posta adresini "
	    "denetleyin veya yöneticinize sorun.",
	.says[SAY_METHOD] = "Kuruluşunuz burada oturum açmaya izin vermiyor. Bu cihazı nasıl "
			    "ekleyeceğinizi yöneticinize sorun.",
	.says[SAY_PROVIDER] =
	    "Kuruluşunuzun oturum açma sayfasına şu anda ulaşılamıyor. Birkaç dakika "
	    "sonra yeniden deneyin.",
	.says[SAY_AGAIN] = "Bu oturum açma artık geçerli değil. Bu pencereyi kapatın ve cihazınızı "
			   "eklemeye yeniden başlayın.",
	.says[SAY_DENIED] =
	    "Oturum açmadınız veya bunu kullanma izniniz yok. Bu pencereyi kapatın; "
	    "yeniden denemek için cihazınızı eklemeye yeniden başlayın.",
	.says[SAY_FAILED] =
	    "Kuruluşunuzun oturum açma hizmeti bir hata bildirdi. Bu pencereyi kapatıp "
	    "yeniden deneyin veya yöneticinize sorun.",
	.says[SAY_TOKEN] = "Oturum açtınız, ancak bu sunucu kuruluşunuzun oturum açma hizmetinin "
			   "yanıtını kabul edemiyor. Yöneticinize sorun.",
	.says[SAY_SERVER] = "Sunucuda bir sorun oluştu. Biraz sonra yeniden deneyin.",
    },
    {
	.lang = "uk",
	.done_title = "Ви ввійшли",
	.done = "Пристрій продовжить сам. Якщо цього не сталося, натисніть кнопку.",
	.go_on = "Продовжити",
	.failed_title = "Не вдалося ввійти",
	.number = "Якщо потрібна допомога, повідомте адміністратору цей номер:",
	.says[SAY_NOT_JOINING] =
	    "Цю сторінку можна відкрити, лише коли Windows додає пристрій до вашої "
	    "організації.",
	.says[SAY_UNKNOWN] =
	    "Для цієї адреси тут не відомо жодної організації. Перевірте введену адресу "
	    "електронної пошти або зверніться до адміністратора.",
	.says[SAY_METHOD] =
	    "Ваша організація не дозволяє входити тут. Запитайте адміністратора, як "
	    "додати цей пристрій.",
	.says[SAY_PROVIDER] =
	    "Сторінка входу вашої організації зараз недоступна. Спробуйте ще раз за "
	    "кілька хвилин.",
	.says[SAY_AGAIN] =
	    "Цей вхід більше не дійсний. Закрийте це вікно й почніть додавати пристрій "
	    "спочатку.",
	.says[SAY_DENIED] =
	    "Ви не ввійшли, або вам це не дозволено. Закрийте це вікно; щоб спробувати "
	    "ще раз, почніть додавати пристрій спочатку.",
	.says[SAY_FAILED] =
	    "Служба входу вашої організації повідомила про помилку. Закрийте це вікно та "
	    "спробуйте ще раз або зверніться до адміністратора.",
	.says[SAY_TOKEN] =
	    "Ви ввійшли, але цей сервер не може прийняти відповідь служби входу вашої "
	    "організації. Зверніться до адміністратора.",
	.says[SAY_SERVER] = "На сервері сталася помилка. Спробуйте ще раз трохи згодом.",
    },
    {
	.lang = "zh-Hans",
	.done_title = "你已登录",
	.done = "你的设备会自动继续。如果没有，请按下按钮。",
	.go_on = "继续",
	.failed_title = "无法登录",
	.number = "如需帮助，请将此编号告知管理员：",
	.says[SAY_NOT_JOINING] = "只有在 Windows 将设备添加到你的组织时才能打开此页面。",
	.says[SAY_UNKNOWN] =
	    "此处没有与该地址对应的组织。请检查你输入的电子邮件地址，或询问管理员。",
	.says[SAY_METHOD] = "你的组织不允许在此登录。请询问管理员如何添加此设备。",
	.says[SAY_PROVIDER] = "目前无法访问你组织的登录页面。请几分钟后重试。",
	.says[SAY_AGAIN] = "此登录已失效。请关闭此窗口，然后重新开始添加设备。",
	.says[SAY_DENIED] =
	    "你没有登录，或者无权使用此功能。请关闭此窗口；如要重试，请重新开始添加设备。",
	.says[SAY_FAILED] = "你组织的登录服务报告了错误。请关闭此窗口后重试，或询问管理员。",
	.says[SAY_TOKEN] = "你已登录，但此服务器无法接受你组织的登录服务的答复。请询问管理员。",
	.says[SAY_SERVER] = "服务器出现问题。请稍后重试。",
    },
    {
	.lang = "zh-Hant",
	.done_title = "您已登入",
	.done = "您的裝置會自動繼續。如果沒有，請按下按鈕。",
	.go_on = "繼續",
	.failed_title = "無法登入",
	.number = "如需協助，請將此號碼告知系統管理員：",
	.says[SAY_NOT_JOINING] = "只有在 Windows 將裝置新增至您的組織時才能開啟此頁面。",
	.says[SAY_UNKNOWN] =
	    "此處沒有與該地址對應的組織。請檢查您輸入的電子郵件地址，或詢問系統管理員。",
	.says[SAY_METHOD] = "您的組織不允許在此登入。請詢問系統管理員如何新增此裝置。",
	.says[SAY_PROVIDER] = "目前無法連線到您組織的登入頁面。請幾分鐘後再試一次。",
	.says[SAY_AGAIN] = "此登入已失效。請關閉此視窗，然後重新開始新增裝置。",
	.says[SAY_DENIED] =
	    "您沒有登入，或無權使用。請關閉此視窗；若要再試一次，請重新開始新增裝置。",
	.says[SAY_FAILED] = "您組織的登入服務回報錯誤。請關閉此視窗後再試一次，或詢問系統管理員。",
	.says[SAY_TOKEN] = "您已登入，但此伺服器無法接受您組織的登入服務的答覆。請詢問系統管理員。",
	.says[SAY_SERVER] = "伺服器發生問題。請稍後再試一次。",
    },
};

const struct sign_in_words *sign_in_words_of(struct text locale)
{
	int spoken = locale_spoken(locale);

	return &languages[spoken < 0 ? LOCALE_ENGLISH : spoken];
}
