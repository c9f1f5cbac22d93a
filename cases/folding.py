"""One spelling for what people spell in many: width, case, traditional characters, dashes.

Every character stays one character, so that a place found in the folded text is at the same place in the original.
"""

# Only what complaints and addresses are written with: a table of all characters would be a library.
_TRADITIONAL = (
    "號樓棟單層門車電氣煙燈頂牆漲壞損維護廠區園鄰鬧聲響亂處髒穢貓蟲樹綠壓線纜錶絲閘開關鎖鑰幾兩裡裏邊側後對間廳廁臺陽專櫃遞郵"
    "費賬業員會長書記無沒們這誰問題請幫檢報進辦難斷掛溝積灣滿滲濕淨潔掃運規違構築佔鋪舖攤販擾鑽裝飾風熱凍壽醫藥療養殘獨貧證戶"
    "學齡讓給買賣騙盜竊賊搶傷殺毆擊罵調糾紛債務勞資險災燒撲滅場練習樂歡閃緊還過時現實際應該總經續說話聽見係愛歲頭發髮暈墜懸臨"
    "視監紅藍轎廂鋼鐵銅鋁橋階級欄桿葉幹種異樣徵點鐘衝軌輛駛輪鍵網絡訊碼錯誤復複課齊東廣觀塵廢鄉縣鎮華麗豐禮龍鳳陳劉張黃趙孫吳"
    "鄭馮蔣韓楊許蘇賈錢體驗圖畫條縫搖撥動據當從來個為與漿糞擋鏟鑿飼餵鵝鴨雞鴿蟻燙寵嬰兒爺媽屜籃機設備閥擁賠償訴舊螞蒼蠅陰雜鍋"
    "爐產權購籬濃嗆衛嚴嚇蓋擺輕鬆騷棄遺罰圍聯決談願盡閒脫塗櫥鋸鑼獎賭彈慮憂擔預"
)
_SIMPLIFIED = (
    "号楼栋单层门车电气烟灯顶墙涨坏损维护厂区园邻闹声响乱处脏秽猫虫树绿压线缆表丝闸开关锁钥几两里里边侧后对间厅厕台阳专柜递邮"
    "费账业员会长书记无没们这谁问题请帮检报进办难断挂沟积湾满渗湿净洁扫运规违构筑占铺铺摊贩扰钻装饰风热冻寿医药疗养残独贫证户"
    "学龄让给买卖骗盗窃贼抢伤杀殴击骂调纠纷债务劳资险灾烧扑灭场练习乐欢闪紧还过时现实际应该总经续说话听见系爱岁头发发晕坠悬临"
    "视监红蓝轿厢钢铁铜铝桥阶级栏杆叶干种异样征点钟冲轨辆驶轮键网络讯码错误复复课齐东广观尘废乡县镇华丽丰礼龙凤陈刘张黄赵孙吴"
    "郑冯蒋韩杨许苏贾钱体验图画条缝摇拨动据当从来个为与浆粪挡铲凿饲喂鹅鸭鸡鸽蚁烫宠婴儿爷妈屉篮机设备阀拥赔偿诉旧蚂苍蝇阴杂锅"
    "炉产权购篱浓呛卫严吓盖摆轻松骚弃遗罚围联决谈愿尽闲脱涂橱锯锣奖赌弹虑忧担预"
)
_WIDE = "".join(chr(code) for code in range(0xFF01, 0xFF5F))
_NARROW = "".join(chr(code) for code in range(0x21, 0x7F))
_DASHES = "‐‑‒–—―−﹣"
_SPACES = "\u3000\u00a0\u2002\u2003\u2009\u202f\t"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨"

_TABLE = str.maketrans(
    {
        **dict(zip(_TRADITIONAL, _SIMPLIFIED, strict=True)),
        **dict(zip(_WIDE, _NARROW.lower(), strict=True)),
        **{chr(code): chr(code + 32) for code in range(ord("A"), ord("Z") + 1)},
        **dict.fromkeys(_DASHES, "-"),
        **dict.fromkeys(_SPACES, " "),
        **dict(zip(_CIRCLED, "123456789", strict=True)),
    }
)


def fold(text: str) -> str:
    """Return the text in lower case, narrow and simplified; it stays as long as it was."""
    return text.translate(_TABLE)
