"""What recognisers are known to write where nobody speaks: lines of the subtitles that they were trained on.

Collected from what users of Whisper report, as in openai/whisper discussions 679 and 928.
"""

import re
import unicodedata
from functools import cache

LONGEST = 80  # letters of the longest line, squashed
_COMBINING = ("Mn", "Mc")  # vowels of Indian and Thai script

# can be said, at the beginning or the end of a video, and often are
PHRASES = """
en: Thank you for watching / Thanks for watching / Thank you so much for watching
    Thank you very much for watching / Thanks for watching and see you next time
    Thank you for watching and see you next time / Thanks for watching, see you in the next video
    Thank you for watching, see you next time / Thank you for watching this video
    Thanks for watching this video / Thank you for your watching / Thank you for watching until the end
    Thank you for watching my video / Thank you for watching our video / Please subscribe
    Please subscribe to my channel / Please subscribe to the channel / Subscribe to my channel
    Like and subscribe / Please like and subscribe / Don't forget to like and subscribe
    Don't forget to subscribe / Please like, subscribe and share / Please like, comment and subscribe
    Thank you for listening / See you in the next video / I'll see you in the next video / See you next time
    See you next video / If you enjoyed this video, please like and subscribe / We'll be right back
    To be continued / Amara.org
de: Vielen Dank fürs Zuschauen / Danke fürs Zuschauen / Vielen Dank für's Zuschauen / Danke für's Zuschauen
    Vielen Dank für die Aufmerksamkeit / Vielen Dank fürs Zuhören / Danke fürs Zuhören
    Vielen Dank fürs Ansehen / Bis zum nächsten Mal / Bis zum nächsten Video
    Vielen Dank für Ihre Aufmerksamkeit / Abonniert den Kanal
fr: Merci d'avoir regardé cette vidéo / Merci d'avoir regardé / Merci d'avoir regardé la vidéo
    Merci d'avoir regardé cette vidéo et à bientôt / Abonnez-vous / N'oubliez pas de vous abonner
    Abonnez-vous à la chaîne / Merci de votre attention / À la prochaine
es: Gracias por ver el video / ¡Gracias por ver el vídeo! / Gracias por ver / ¡Suscríbete al canal! / Suscríbete
    Gracias por su atención / Hasta la próxima / Nos vemos en el próximo video / No olvides suscribirte
    ¡Suscríbete! / Muchas gracias por ver el video
pt: Obrigado por assistir / Obrigada por assistir / Inscreva-se no canal / Se inscreva no canal
    Obrigado por assistir ao vídeo / Até o próximo vídeo / Até a próxima / Legendado por
it: Grazie per la visione / Grazie per aver guardato il video / Grazie per aver guardato / Iscriviti al canale
    Grazie per l'attenzione / Iscrivetevi al canale
nl: Bedankt voor het kijken / Bedankt voor het kijken naar deze video / Tot de volgende keer
pl: Dziękuję za oglądanie / Dziękuję za uwagę / Dzięki za oglądanie / Dzięki za uwagę / Subskrybuj kanał
    Do zobaczenia w następnym odcinku
ru: Продолжение следует / Спасибо за просмотр / Спасибо за внимание / Подписывайтесь на канал
    Подпишись на канал / Подписывайтесь на наш канал / До новых встреч / Спасибо за просмотр и до новых встреч
    Благодарю за внимание / Всем спасибо за просмотр / Ставьте лайки и подписывайтесь на канал
uk: Дякую за перегляд / Дякуємо за перегляд / Дякую за увагу / Дякуємо за увагу / Далі буде
cs: Děkuji za pozornost / Děkuji za sledování / Děkujeme za sledování
sk: Ďakujem za pozornosť
tr: İzlediğiniz için teşekkürler / İzlediğiniz için teşekkür ederim / Abone olmayı unutmayın / Devam edecek
    Bir sonraki videoda görüşmek üzere / Beğenmeyi ve abone olmayı unutmayın
sv: Tack för att ni tittade / Tack för att du tittade / Tack för att ni har tittat
da: Tak fordi I så med / Tak for at du så med
no: Takk for at du så på / Takk for at dere så med
fi: Kiitos kun katsoitte
hu: Köszönöm, hogy megnézted / Köszönöm a figyelmet / Köszönöm szépen, hogy megnézted
ro: Vă mulțumesc pentru vizionare / Vă mulțumim pentru vizionare / Mulțumesc pentru vizionare
    Nu uitați să vă abonați
el: Ευχαριστώ που παρακολουθήσατε / Ευχαριστούμε που παρακολουθήσατε
id: Terima kasih telah menonton / Terima kasih sudah menonton / Jangan lupa subscribe
vi: Cảm ơn các bạn đã theo dõi / Cảm ơn các bạn đã xem / Hẹn gặp lại các bạn / Hãy đăng ký kênh
    Các bạn hãy đăng ký kênh / Hẹn gặp lại các bạn trong những video tiếp theo
ja: ご視聴ありがとうございました / ご視聴ありがとうございます / ご清聴ありがとうございました
    最後までご視聴ありがとうございました / 最後までご視聴いただきありがとうございます
    チャンネル登録お願いします / チャンネル登録をお願いいたします / チャンネル登録よろしくお願いします
    高評価とチャンネル登録お願いします / 次の動画でお会いしましょう / また次の動画でお会いしましょう
    見てくれてありがとう
ko: MBC 뉴스 이덕영입니다 / 시청해주셔서 감사합니다 / 시청해 주셔서 감사합니다 / 구독과 좋아요 부탁드립니다
    구독과 좋아요 부탁드려요 / 다음 영상에서 만나요 / 다음 시간에 만나요 / 구독 좋아요 부탁드립니다
zh: 谢谢观看 / 謝謝觀看 / 感谢观看 / 感謝觀看 / 谢谢大家观看 / 謝謝大家觀看 / 谢谢收看 / 謝謝收看 / 感谢收看
    感謝收看 / 请订阅我的频道 / 請訂閱我的頻道 / 请点赞订阅 / 我们下期再见 / 我們下期再見
    下期再见 / 下期再見 / 未完待续 / 谢谢大家收看 / 謝謝大家收看 / 感谢您的观看 / 感謝您的觀看 / 感谢大家观看
    感謝大家觀看
ar: شكرا للمشاهدة / شكرا لكم على المشاهدة / شكرا على المشاهدة / اشتركوا في القناة / لا تنسوا الاشتراك في القناة
he: תודה על הצפייה / תודה שצפיתם
fa: با تشکر از شما / از تماشای شما متشکرم
hi: देखने के लिए धन्यवाद / वीडियो देखने के लिए धन्यवाद
th: ขอบคุณที่รับชม / ขอบคุณที่ติดตามชม / โปรดติดตามตอนต่อไป
"""

# said all the time: suspected only as a whole answer, or as a segment that lasts for seconds
WORDS = """
en: you / Thank you / Thank you very much / Thank you so much / Thanks / Bye / Bye bye / Bye-bye / Oh / So / Okay / the
de: Vielen Dank / Danke / Tschüss / Ja / fr: Merci / Au revoir / À bientôt / es: Gracias / Adiós
pt: Obrigado / Obrigada / Tchau / E aí
it: Grazie / Grazie a tutti / Ciao / Alla prossima / nl: Dank je wel / Tot ziens / pl: Dziękuję / Pa pa / Do zobaczenia
ru: Спасибо / Пока / До свидания / Подпишись / tr: Teşekkürler / Teşekkür ederim
ja: はい / ありがとう / ありがとうございました / おやすみなさい / じゃあね / では、また / バイバイ
ko: 네 / 감사합니다 / zh: 谢谢大家 / 謝謝大家 / 谢谢 / 謝謝 / 好 / 再见 / 再見 / 嗯
"""

# nobody says these: "subtitles", "by the", "amara.org", in columns: what a line begins with / what may come between and
# after / who it was (squashed: no spaces, no signs; a year may follow)
CREDITS = r"""
subtitles? subs captions? subtitled captioned translated transcri(bed|ption|pts?)
    / by the are was provided created made community https www
    / amaraorg otterai castingwords zeorangercouk aimedia stephaniegeiges
untertitel(ung)? / der von vom des durch die aufgrund im auftrag für erstellt community
    / amaraorg zdf ard ndr swr wdr srf funk stephaniegeiges
swr wdr ndr mdr zdf bfwatchtv copyright / wdr swr ndr mdr zdf / (19|20)\d\d
sous?titr(es?|age|é) cliquezvoussurlessoustitres / réalisés? faits? créés? par para pour la les l d de communauté
    société etabonnezvousàlachaîne soustitres / amaraorg radiocanada st501 mfp fr(19|20)\d\d soustitreurcom
subtítulos subtitulado / realizados creados hechos por en la de del comunidad español / amaraorg
(transcriçãoe)?legend(as?|ado|agem) / pela por da de do das comunidade / amaraorg
sottotitoli / creati e revisione a cura dalla della da di comunità / amaraorg qtss
ondertitel(s|ing|d) / ingediend door van de / amaraorg gemeenschap
((zdjęcia|tłumaczenie)i)?(napisy|tłumaczenie) / stworzone wykonane robione przez społecznoś(ć|ci) / amaraorg
titulky překlad preklad / vytvořil vytvoril komunita / amaraorg johnyx
субтитры / сделала? сделали создавал создала? добавил подогнал делал подготовил предоставил сообщество
    / amaraorg dimatorzok диматорзок
редакторсубтитров / корректор
    / асемкин асинецкая тгорелова мл?осева ежукова нзакомолдина оголубкова аегорова акулакова
субтитри / підготовлені створені спільнотою / amaraorg
altyazı / topluluğu / mk amaraorg
undertexte?r undertekster teksting textning tekstet danske(under)?tekster / av från fra by af gemenskapen fællesskabet
    fellesskapet / stinahedin nicolaiwinther amaraorg aimedia
feliratok felirat subtitrarea titrarea υπότιτλοι titlovi prevod / az a de realizată közösség / amaraorg authorwave
[小编編中文]*字幕 / 由 by 志[愿願]者 製作 制作 提供 社[区區群]
    / amaraorg 索兰娅 索蘭婭 李宗盛 杨茜茜 楊茜茜 贝尔 貝爾
(한글)?자막 / by 제공 제작 커뮤니티 / 한효정 amaraorg
(ترجمة|الترجمة) / / نانسيقنقر amaraorg مجتمعamaraorg
phụđề / được thực hiện bởi cộng đồng / amaraorg
"""
SIGNATURES = """
transcript Emily Beynon / www.mooji.org / www.amara.org / www.multi-moto.eu / ❤️ par SousTitreur.com
Scandinavian Text Service 2018 / Más información www.alimmenta.com / YoYo Television Series Exclusive
请不吝点赞 订阅 转发 打赏支持明镜与点点栏目 / 請不吝點讚 訂閱 轉發 打賞支持明鏡與點點欄目 / 明镜与点点栏目
优优独播剧场 / 优优独播剧场——YoYo Television Series Exclusive / 優優獨播劇場——YoYo Television Series Exclusive
Hãy subscribe cho kênh Ghiền Mì Gõ Để không bỏ lỡ những video hấp dẫn
"""

# a recogniser's remark about a sound
REMARK = re.compile(r"[\[【*][^\]】*]*[\]】*][.!]?|[♪♫🎵🎶 ]+")
REMARK_BEGINS = frozenset("[【*♪♫🎵🎶")


def squashed(text: str) -> str:
    """Letters, their marks and digits, in small: what of a text can be compared."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if c.isalnum() or unicodedata.category(c) in _COMBINING)


@cache
def phrases() -> frozenset[str]:
    return frozenset(_squashed_list(PHRASES))


@cache
def words() -> frozenset[str]:
    return frozenset(_squashed_list(WORDS))


@cache
def credit() -> re.Pattern[str]:
    """Matches a whole squashed line about who made the subtitles."""
    table = CREDITS.replace("\n   ", "").strip().split("\n")
    lines = [*(_credit(*row.split("/")) for row in table), *map(re.escape, _squashed_list(SIGNATURES))]
    return re.compile("|".join(lines))


def _credit(begin: str, between: str, names: str) -> str:
    first, middle, last = (f"(?:{'|'.join(column.split())})" for column in (begin, between, names))
    return rf"{first}{middle}*{last}(?:{middle}|{last}|(?:19|20)\d\d)*"


def _squashed_list(text: str) -> list[str]:
    entries = re.sub(r"(?m)(^|/ )[a-z]{2}:", "/", text).replace("\n", "/").split("/")
    return [s for s in map(squashed, entries) if s]
