/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.c: see words.h. One entry a language, in the order of locale_codes.
 *
 * An organisation's own text comes in the languages it is written in; these words only go around
 * it, so a language that is missing here costs a user an English button, not the terms. All
 * entries fill all members (a test counts).
 */
#include "terms/words.h"

static const struct terms_words languages[LOCALES] = {
    {
	.lang = "en",
	.accept = "Accept",
	.decline = "Decline",
	.back = "Back",
	.go_on = "Continue",
	.text_label = "Text of the terms",
	.changed = "The terms have changed since you opened this page. Please read "
		   "them again.",
	.pin_label = "One-time PIN",
	.pin_help = "Enter the PIN that your organization gave you.",
	.pin_wrong = "This PIN is not right. Check it and enter it again.",
	.pin_blocked = "Too many wrong PINs. Wait a while, or ask your organization for "
		       "a new one.",
	.error_title = "Something went wrong",
	.error_not_joining = "This page can only be opened while Windows joins your "
			     "organization.",
	.error_state = "This page is no longer valid. Go back and start joining again.",
	.error_number = "If you ask your organization for help, give them this number:",
    },
    {
	.lang = "ar",
	.accept = "قبول",
	.decline = "رفض",
	.back = "رجوع",
	.go_on = "متابعة",
	.text_label = "نص الشروط",
	.changed = "تغيّرت الشروط منذ أن فتحت هذه الصفحة. يُرجى قراءتها مرة أخرى.",
	.pin_label = "رقم PIN لمرة واحدة",
	.pin_help = "أدخل رقم PIN الذي زوّدتك به مؤسستك.",
	.pin_wrong = "رقم PIN غير صحيح. تحقّق منه وأدخله مرة أخرى.",
	.pin_blocked = "محاولات خاطئة كثيرة. انتظر قليلاً أو اطلب رقماً جديداً من "
		       "مؤسستك.",
	.error_title = "حدث خطأ ما",
	.error_not_joining = "لا يمكن فتح هذه الصفحة إلا أثناء انضمام Windows إلى مؤسستك.",
	.error_state = "لم تعد هذه الصفحة صالحة. ارجع وابدأ الانضمام من جديد.",
	.error_number = "إذا طلبت المساعدة من مؤسستك، فأعطهم هذا الرقم:",
    },
    {
	.lang = "cs",
	.accept = "Přijmout",
	.decline = "Odmítnout",
	.back = "Zpět",
	.go_on = "Pokračovat",
	.text_label = "Text podmínek",
	.changed = "Podmínky se od otevření této stránky změnily. Přečtěte si je "
		   "prosím znovu.",
	.pin_label = "Jednorázový kód PIN",
	.pin_help = "Zadejte kód PIN, který vám dala vaše organizace.",
	.pin_wrong = "Tento kód PIN není správný. Zkontrolujte ho a zadejte znovu.",
	.pin_blocked = "Příliš mnoho chybných kódů PIN. Chvíli počkejte nebo požádejte "
		       "organizaci o nový.",
	.error_title = "Něco se pokazilo",
	.error_not_joining = "Tuto stránku lze otevřít jen při připojování Windows k vaší "
			     "organizaci.",
	.error_state = "Tato stránka už není platná. Vraťte se a začněte s připojováním "
		       "znovu.",
	.error_number = "Pokud požádáte organizaci o pomoc, sdělte jí toto číslo:",
    },
    {
	.lang = "da",
	.accept = "Accepter",
	.decline = "Afvis",
	.back = "Tilbage",
	.go_on = "Fortsæt",
	.text_label = "Vilkårenes tekst",
	.changed = "Vilkårene er ændret, siden du åbnede denne side. Læs dem igen.",
	.pin_label = "Engangspinkode",
	.pin_help = "Angiv den pinkode, du har fået af din organisation.",
	.pin_wrong = "Pinkoden er forkert. Kontrollér den, og angiv den igen.",
	.pin_blocked = "For mange forkerte pinkoder. Vent lidt, eller bed din "
		       "organisation om en ny.",
	.error_title = "Noget gik galt",
	.error_not_joining = "Denne side kan kun åbnes, mens Windows tilmeldes din "
			     "organisation.",
	.error_state = "Denne side er ikke længere gyldig. Gå tilbage, og start "
		       "tilmeldingen igen.",
	.error_number = "Hvis du beder din organisation om hjælp, skal du oplyse dette "
			"nummer:",
    },
    {
	.lang = "de",
	.accept = "Zustimmen",
	.decline = "Ablehnen",
	.back = "Zurück",
	.go_on = "Weiter",
	.text_label = "Text der Bedingungen",
	.changed = "Die Bedingungen haben sich geändert, seit Sie diese Seite "
		   "geöffnet haben. Bitte lesen Sie sie noch einmal.",
	.pin_label = "Einmal-PIN",
	.pin_help = "Geben Sie die PIN ein, die Sie von Ihrer Organisation erhalten "
		    "haben.",
	.pin_wrong = "Diese PIN ist nicht richtig. Prüfen Sie sie und geben Sie sie "
		     "noch einmal ein.",
	.pin_blocked = "Zu viele falsche PINs. Warten Sie eine Weile, oder bitten Sie "
		       "Ihre Organisation um eine neue.",
	.error_title = "Etwas ist schiefgegangen",
	.error_not_joining = "Diese Seite kann nur geöffnet werden, während Windows Ihrer "
			     "Organisation beitritt.",
	.error_state = "Diese Seite ist nicht mehr gültig. Gehen Sie zurück und "
		       "beginnen Sie den Beitritt von vorn.",
	.error_number = "Wenn Sie Ihre Organisation um Hilfe bitten, nennen Sie diese "
			"Nummer:",
    },
    {
	.lang = "es",
	.accept = "Aceptar",
	.decline = "Rechazar",
	.back = "Atrás",
	.go_on = "Continuar",
	.text_label = "Texto de los términos",
	.changed = "Los términos han cambiado desde que abrió esta página. Vuelva a "
		   "leerlos.",
	.pin_label = "PIN de un solo uso",
	.pin_help = "Escriba el PIN que le dio su organización.",
	.pin_wrong = "Este PIN no es correcto. Compruébelo y vuelva a escribirlo.",
	.pin_blocked = "Demasiados PIN incorrectos. Espere un rato o pida uno nuevo a "
		       "su organización.",
	.error_title = "Algo salió mal",
	.error_not_joining = "Esta página solo se puede abrir mientras Windows se une a su "
			     "organización.",
	.error_state = "Esta página ya no es válida. Vuelva atrás y empiece de nuevo a "
		       "unirse.",
	.error_number = "Si pide ayuda a su organización, indique este número:",
    },
    {
	.lang = "fi",
	.accept = "Hyväksy",
	.decline = "Hylkää",
	.back = "Takaisin",
	.go_on = "Jatka",
	.text_label = "Ehtojen teksti",
	.changed = "Ehdot ovat muuttuneet sen jälkeen, kun avasit tämän sivun. Lue "
		   "ne uudelleen.",
	.pin_label = "Kertakäyttöinen PIN-koodi",
	.pin_help = "Anna PIN-koodi, jonka sait organisaatioltasi.",
	.pin_wrong = "PIN-koodi ei ole oikein. Tarkista se ja anna se uudelleen.",
	.pin_blocked = "Liian monta väärää PIN-koodia. Odota hetki tai pyydä "
		       "organisaatioltasi uusi.",
	.error_title = "Jokin meni vikaan",
	.error_not_joining = "Tämän sivun voi avata vain, kun Windowsia liitetään "
			     "organisaatioosi.",
	.error_state = "Tämä sivu ei ole enää voimassa. Palaa takaisin ja aloita "
		       "liittyminen uudelleen.",
	.error_number = "Jos pyydät apua organisaatioltasi, kerro tämä numero:",
    },
    {
	.lang = "fr",
	.accept = "Accepter",
	.decline = "Refuser",
	.back = "Retour",
	.go_on = "Continuer",
	.text_label = "Texte des conditions",
	.changed = "Les conditions ont changé depuis que vous avez ouvert cette "
		   "page. Veuillez les relire.",
	.pin_label = "Code PIN à usage unique",
	.pin_help = "Entrez le code PIN que votre organisation vous a donné.",
	.pin_wrong = "Ce code PIN est incorrect. Vérifiez-le et entrez-le à nouveau.",
	.pin_blocked = "Trop de codes PIN incorrects. Patientez un moment ou "
		       "demandez-en un nouveau à votre organisation.",
	.error_title = "Un problème est survenu",
	.error_not_joining = "Cette page ne peut être ouverte que pendant que Windows rejoint "
			     "votre organisation.",
	.error_state = "Cette page n’est plus valide. Revenez en arrière et recommencez.",
	.error_number = "Si vous demandez de l’aide à votre organisation, communiquez ce "
			"numéro :",
    },
    {
	.lang = "he",
	.accept = "אישור",
	.decline = "דחייה",
	.back = "הקודם",
	.go_on = "המשך",
	.text_label = "נוסח התנאים",
	.changed = "התנאים השתנו מאז שפתחת דף זה. יש לקרוא אותם שוב.",
	.pin_label = "קוד PIN חד-פעמי",
	.pin_help = "יש להזין את קוד ה-PIN שקיבלת מהארגון.",
	.pin_wrong = "קוד ה-PIN שגוי. יש לבדוק אותו ולהזין אותו שוב.",
	.pin_blocked = "יותר מדי קודי PIN שגויים. יש להמתין מעט או לבקש קוד חדש מהארגון.",
	.error_title = "משהו השתבש",
	.error_not_joining = "ניתן לפתוח דף זה רק בזמן ש-Windows מצטרף לארגון.",
	.error_state = "דף זה אינו תקף עוד. יש לחזור ולהתחיל את ההצטרפות מחדש.",
	.error_number = "בעת פנייה לארגון לקבלת עזרה, יש למסור את המספר הזה:",
    },
    {
	.lang = "it",
	.accept = "Accetta",
	.decline = "Rifiuta",
	.back = "Indietro",
	.go_on = "Continua",
	.text_label = "Testo delle condizioni",
	.changed = "Le condizioni sono cambiate da quando hai aperto questa pagina. "
		   "Leggile di nuovo.",
	.pin_label = "PIN monouso",
	.pin_help = "Inserisci il PIN che hai ricevuto dalla tua organizzazione.",
	.pin_wrong = "Questo PIN non è corretto. Controllalo e inseriscilo di nuovo.",
	.pin_blocked = "Troppi PIN errati. Attendi un po’ o chiedine uno nuovo alla tua "
		       "organizzazione.",
	.error_title = "Si è verificato un problema",
	.error_not_joining = "Questa pagina può essere aperta solo mentre Windows viene "
			     "aggiunto alla tua organizzazione.",
	.error_state = "Questa pagina non è più valida. Torna indietro e ricomincia.",
	.error_number = "Se chiedi aiuto alla tua organizzazione, comunica questo numero:",
    },
    {
	.lang = "ja",
	.accept = "同意する",
	.decline = "同意しない",
	.back = "戻る",
	.go_on = "続行",
	.text_label = "利用条件の本文",
	.changed = "このページを開いた後に利用条件が変更されました。もう一度お読みく"
		   "ださい。",
	.pin_label = "ワンタイム PIN",
	.pin_help = "組織から受け取った PIN を入力してください。",
	.pin_wrong = "PIN が正しくありません。確認して、もう一度入力してください。",
	.pin_blocked = "PIN の間違いが多すぎます。しばらく待つか、組織に新しい PIN "
		       "を依頼してください。",
	.error_title = "問題が発生しました",
	.error_not_joining = "このページは、Windows "
			     "が組織に参加している間にのみ開くことができます。",
	.error_state = "このページは無効になりました。前に戻って、参加をやり直してくださ"
		       "い。",
	.error_number = "組織に問い合わせるときは、この番号を伝えてください:",
    },
    {
	.lang = "ko",
	.accept = "동의",
	.decline = "거부",
	.back = "뒤로",
	.go_on = "계속",
	.text_label = "약관 본문",
	.changed = "이 페이지를 연 후 약관이 변경되었습니다. 다시 읽어 주세요.",
	.pin_label = "일회용 PIN",
	.pin_help = "조직에서 받은 PIN을 입력하세요.",
	.pin_wrong = "PIN이 올바르지 않습니다. 확인한 후 다시 입력하세요.",
	.pin_blocked = "잘못된 PIN을 너무 많이 입력했습니다. 잠시 기다리거나 조직에 새 "
		       "PIN을 요청하세요.",
	.error_title = "문제가 발생했습니다",
	.error_not_joining = "이 페이지는 Windows가 조직에 가입하는 동안에만 열 수 있습니다.",
	.error_state = "이 페이지는 더 이상 유효하지 않습니다. 뒤로 돌아가 가입을 다시 "
		       "시작하세요.",
	.error_number = "조직에 도움을 요청할 때 이 번호를 알려 주세요:",
    },
    {
	.lang = "nb",
	.accept = "Godta",
	.decline = "Avslå",
	.back = "Tilbake",
	.go_on = "Fortsett",
	.text_label = "Teksten i vilkårene",
	.changed = "Vilkårene er endret siden du åpnet denne siden. Les dem på nytt.",
	.pin_label = "Engangs-PIN",
	.pin_help = "Skriv inn PIN-koden du har fått av organisasjonen.",
	.pin_wrong = "PIN-koden er feil. Kontroller den, og skriv den inn på nytt.",
	.pin_blocked = "For mange feil PIN-koder. Vent litt, eller be organisasjonen om "
		       "en ny.",
	.error_title = "Noe gikk galt",
	.error_not_joining = "Denne siden kan bare åpnes mens Windows kobles til "
			     "organisasjonen.",
	.error_state = "Denne siden er ikke lenger gyldig. Gå tilbake og start "
		       "tilkoblingen på nytt.",
	.error_number = "Hvis du ber organisasjonen om hjelp, oppgir du dette nummeret:",
    },
    {
	.lang = "nl",
	.accept = "Accepteren",
	.decline = "Weigeren",
	.back = "Terug",
	.go_on = "Doorgaan",
	.text_label = "Tekst van de voorwaarden",
	.changed = "De voorwaarden zijn gewijzigd sinds u deze pagina hebt geopend. "
		   "Lees ze opnieuw.",
	.pin_label = "Eenmalige pincode",
	.pin_help = "Voer de pincode in die u van uw organisatie hebt gekregen.",
	.pin_wrong = "Deze pincode is niet juist. Controleer de code en voer deze "
		     "opnieuw in.",
	.pin_blocked = "Te veel onjuiste pincodes. Wacht even of vraag uw organisatie "
		       "om een nieuwe.",
	.error_title = "Er is iets misgegaan",
	.error_not_joining = "Deze pagina kan alleen worden geopend terwijl Windows lid wordt "
			     "van uw organisatie.",
	.error_state = "Deze pagina is niet meer geldig. Ga terug en begin opnieuw.",
	.error_number = "Als u uw organisatie om hulp vraagt, geef dan dit nummer door:",
    },
    {
	.lang = "pl",
	.accept = "Akceptuję",
	.decline = "Odrzucam",
	.back = "Wstecz",
	.go_on = "Kontynuuj",
	.text_label = "Treść warunków",
	.changed = "Warunki zmieniły się od czasu otwarcia tej strony. Przeczytaj "
		   "je ponownie.",
	.pin_label = "Jednorazowy kod PIN",
	.pin_help = "Wprowadź kod PIN otrzymany od organizacji.",
	.pin_wrong = "Ten kod PIN jest nieprawidłowy. Sprawdź go i wprowadź ponownie.",
	.pin_blocked = "Zbyt wiele błędnych kodów PIN. Poczekaj chwilę lub poproś "
		       "organizację o nowy.",
	.error_title = "Coś poszło nie tak",
	.error_not_joining = "Tę stronę można otworzyć tylko podczas dołączania systemu "
			     "Windows do organizacji.",
	.error_state = "Ta strona nie jest już ważna. Wróć i rozpocznij dołączanie od "
		       "nowa.",
	.error_number = "Jeśli poprosisz organizację o pomoc, podaj ten numer:",
    },
    {
	.lang = "pt",
	.accept = "Aceitar",
	.decline = "Recusar",
	.back = "Voltar",
	.go_on = "Continuar",
	.text_label = "Texto dos termos",
	.changed = "Os termos mudaram desde que abriu esta página. Leia-os "
		   "novamente.",
	.pin_label = "PIN de uso único",
	.pin_help = "Introduza o PIN que a sua organização lhe deu.",
	.pin_wrong = "Este PIN não está correto. Verifique-o e introduza-o novamente.",
	.pin_blocked = "Demasiados PINs errados. Aguarde um pouco ou peça um novo à sua "
		       "organização.",
	.error_title = "Algo correu mal",
	.error_not_joining = "Esta página só pode ser aberta enquanto o Windows entra na sua "
			     "organização.",
	.error_state = "Esta página já não é válida. Volte atrás e recomece.",
	.error_number = "Se pedir ajuda à sua organização, indique este número:",
    },
    {
	.lang = "ru",
	.accept = "Принять",
	.decline = "Отклонить",
	.back = "Назад",
	.go_on = "Продолжить",
	.text_label = "Текст условий",
	.changed = "Условия изменились с тех пор, как вы открыли эту страницу. "
		   "Прочитайте их ещё раз.",
	.pin_label = "Одноразовый ПИН-код",
	.pin_help = "Введите ПИН-код, полученный от вашей организации.",
	.pin_wrong = "ПИН-код неверен. Проверьте его и введите снова.",
	.pin_blocked = "Слишком много неверных ПИН-кодов. Подождите или запросите новый "
		       "у вашей организации.",
	.error_title = "Что-то пошло не так",
	.error_not_joining = "Эту страницу можно открыть только во время присоединения "
			     "Windows к вашей организации.",
	.error_state = "Эта страница больше не действительна. Вернитесь назад и начните "
		       "присоединение заново.",
	.error_number = "Обращаясь за помощью в организацию, сообщите этот номер:",
    },
    {
	.lang = "sv",
	.accept = "Godkänn",
	.decline = "Neka",
	.back = "Tillbaka",
	.go_on = "Fortsätt",
	.text_label = "Villkorens text",
	.changed = "Villkoren har ändrats sedan du öppnade den här sidan. Läs dem "
		   "igen.",
	.pin_label = "Engångs-PIN",
	.pin_help = "Ange den PIN-kod som du har fått av din organisation.",
	.pin_wrong = "PIN-koden är fel. Kontrollera den och ange den igen.",
	.pin_blocked = "För många felaktiga PIN-koder. Vänta ett tag eller be "
		       "organisationen om en ny.",
	.error_title = "Något gick fel",
	.error_not_joining = "Den här sidan kan bara öppnas medan Windows ansluts till din "
			     "organisation.",
	.error_state = "Den här sidan gäller inte längre. Gå tillbaka och börja ansluta "
		       "på nytt.",
	.error_number = "Om du ber organisationen om hjälp uppger du det här numret:",
    },
    {
	.lang = "tr",
	.accept = "Kabul et",
	.decline = "Reddet",
	.back = "Geri",
	.go_on = "Devam",
	.text_label = "Koşulların metni",
	.changed = "Bu sayfayı açtığınızdan beri koşullar değişti. Lütfen yeniden "
		   "okuyun.",
	.pin_label = "Tek kullanımlık PIN",
	.pin_help = "Kuruluşunuzun verdiği PIN'i girin.",
	.pin_wrong = "Bu PIN doğru değil. Kontrol edip yeniden girin.",
	.pin_blocked = "Çok fazla yanlış PIN girildi. Bir süre bekleyin veya "
		       "kuruluşunuzdan yenisini isteyin.",
	.error_title = "Bir sorun oluştu",
	.error_not_joining = "Bu sayfa yalnızca Windows kuruluşunuza katılırken açılabilir.",
	.error_state = "Bu sayfa artık geçerli değil. Geri dönüp katılmaya yeniden "
		       "başlayın.",
	.error_number = "Kuruluşunuzdan yardım isterseniz şu numarayı verin:",
    },
    {
	.lang = "uk",
	.accept = "Прийняти",
	.decline = "Відхилити",
	.back = "Назад",
	.go_on = "Продовжити",
	.text_label = "Текст умов",
	.changed = "Умови змінилися, відколи ви відкрили цю сторінку. Прочитайте їх "
		   "ще раз.",
	.pin_label = "Одноразовий PIN-код",
	.pin_help = "Введіть PIN-код, отриманий від вашої організації.",
	.pin_wrong = "PIN-код неправильний. Перевірте його та введіть ще раз.",
	.pin_blocked = "Забагато неправильних PIN-кодів. Зачекайте або попросіть новий "
		       "у вашої організації.",
	.error_title = "Щось пішло не так",
	.error_not_joining = "Цю сторінку можна відкрити лише під час приєднання Windows до "
			     "вашої організації.",
	.error_state = "Ця сторінка більше не дійсна. Поверніться назад і почніть "
		       "приєднання знову.",
	.error_number = "Звертаючись по допомогу до організації, повідомте цей номер:",
    },
    {
	.lang = "zh-Hans",
	.accept = "接受",
	.decline = "拒绝",
	.back = "返回",
	.go_on = "继续",
	.text_label = "条款正文",
	.changed = "打开此页面后，条款已更改。请重新阅读。",
	.pin_label = "一次性 PIN",
	.pin_help = "请输入组织提供给你的 PIN。",
	.pin_wrong = "PIN 不正确。请检查后重新输入。",
	.pin_blocked = "PIN 错误次数过多。请稍后再试，或向组织索取新的 PIN。",
	.error_title = "出现问题",
	.error_not_joining = "只有在 Windows 加入你的组织时才能打开此页面。",
	.error_state = "此页面已失效。请返回并重新开始加入。",
	.error_number = "向组织寻求帮助时，请提供此编号：",
    },
    {
	.lang = "zh-Hant",
	.accept = "接受",
	.decline = "拒絕",
	.back = "返回",
	.go_on = "繼續",
	.text_label = "條款內文",
	.changed = "您開啟此頁面後，條款已變更。請重新閱讀。",
	.pin_label = "一次性 PIN",
	.pin_help = "請輸入組織提供給您的 PIN。",
	.pin_wrong = "PIN 不正確。請檢查後重新輸入。",
	.pin_blocked = "PIN 錯誤次數過多。請稍後再試，或向組織索取新的 PIN。",
	.error_title = "發生問題",
	.error_not_joining = "只有在 Windows 加入您的組織時才能開啟此頁面。",
	.error_state = "此頁面已失效。請返回並重新開始加入。",
	.error_number = "向組織尋求協助時，請提供此號碼：",
    },
};

const struct terms_words *terms_words_find(struct text locale)
{
	int spoken = locale_spoken(locale);

	return spoken < 0 ? NULL : &languages[spoken];
}

const struct terms_words *terms_words_of(struct text locale)
{
	const struct terms_words *words = terms_words_find(locale);

	return words ? words : &languages[LOCALE_ENGLISH];
}
