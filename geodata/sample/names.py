"""Names that sound right and belong to no real place; English ones are the pinyin."""

from dataclasses import dataclass
from typing import Final

DISTRICT: Final = ("990106", "淇水区", "Qishui")


@dataclass(frozen=True)
class Township:
    """A township: its three digits, its name, and where its seat lies in units of the town's half axes."""

    digits: str
    name: str
    name_en: str
    seat: tuple[float, float]


TOWNSHIPS: Final = (
    Township("001", "文昌街道", "Wenchang", (0.02, 0.52)),
    Township("002", "站前街道", "Zhanqian", (0.36, -0.62)),
    Township("003", "鹿台街道", "Lutai", (-0.42, -0.48)),
    Township("004", "东渡街道", "Dongdu", (0.74, 0.26)),
    Township("005", "柳溪街道", "Liuxi", (-0.66, 0.44)),
    Township("100", "石桥镇", "Shiqiao", (0.55, 1.95)),
    Township("103", "白鹭镇", "Bailu", (1.6, -1.25)),
    Township("101", "青岗镇", "Qinggang", (-1.45, 1.45)),
    Township("200", "枣园乡", "Zaoyuan", (-1.25, -1.45)),
    Township("102", "云湖镇", "Yunhu", (2.0, 0.85)),
)
"""Street offices first; a smaller district takes the first of both groups, which face each other over the river."""


def _listed(text: str) -> list[str]:
    return text.split()


READINGS: Final = {
    word[0]: word[1:]
    for word in _listed("""
    清qing 河he 玉yu 兰lan 向xiang 阳yang 桂gui 花hua 丰feng 泽ze 货huo 场chang 长chang 堤di 紫zi 薇wei
    南nan 苑yuan 石shi 榴liu 红hong 旗qi 渔yu 光guang 文wen 昌chang 书shu 院yuan 钟zhong 楼lou 建jian 新xin
    康kang 宁ning 永yong 乐le 东dong 渡du 鹿lu 台tai 兴xing 业ye 北bei 关guan 西xi 门men 柳liu 溪xi 春chun
    晖hui 梧wu 桐tong 海hai 棠tang 银yin 杏xing 和he 平ping 顺shun 安an 福fu 星xing 民min 主zhu 前qian 进jin
    朝chao 霞xia 翠cui 竹zhu 碧bi 景jing 明ming 德de 育yu 才cai 古gu 井jing 城cheng 隍huang 庙miao 码ma
    头tou 学xue 府fu 荷he 塘tang 金jin 秋qiu 锦jin 绣xiu 华hua 庭ting 望wang 江jiang 滨bin 水shui 湖hu
    园yuan 惠hui 众zhong 团tuan 结jie 友you 谊yi 仁ren 里li 太tai 机ji 械xie 纺fang 织zhi 铁tie 路lu 大da
    王wang 庄zhuang 小xiao 李li 村cun 张zhang 营ying 上shang 沟gou 下xia 寨zhai 屯tun 湾wan 坡po 岭ling 集ji
    店dian 桥qiao 赵zhao 刘liu 陈chen 杨yang 周zhou 吴wu 孙sun 马ma 朱zhu 胡hu 郭guo 何he 高gao 林lin 罗luo
    郑zheng 梁liang 宋song 谢xie 唐tang 韩han 曹cao 许xu 邓deng 冯feng 曾zeng 彭peng 吕lv 苏su 卢lu 蒋jiang
    贾jia 丁ding 魏wei 薛xue 叶ye 阎yan 余yu 潘pan 戴dai 夏xia 方fang 邹zou 熊xiong 孟meng 秦qin 白bai
    段duan 雷lei 侯hou 龙long 史shi 陶tao 黎li 贺he 顾gu 毛mao 郝hao 枣zao 桃tao 梨li 槐huai 榆yu 松song
    柏bai 麦mai 谷gu 黄huang 青qing 岗gang 云yun 鹭lu 沙sha 滩tan 老lao 油you 坊fang 敏min 晓xiao 岚lan
    斌bin 国guo 静jing 雪xue 强qiang 伟wei 芳fang 娜na 秀xiu 英ying 丽li 军jun 洋yang 勇yong 艳yan 杰jie
    涛tao 超chao 刚gang 波bo 辉hui 鹏peng 飞fei 宇yu 浩hao 博bo 凯kai 婷ting 雅ya 欣xin 怡yi 佳jia 梦meng
    洁jie 琳lin 颖ying 志zhi 利li 一yi 鸣ming 沈shen 立li 正zheng 成cheng 瑞rui 俊jun 振zhen 庆qing 天tian
    少shao 思si 慧hui 淑shu 爱ai 凤feng 淇qi 洲zhou 山shan 车che 环huan 站zhan 界jie 工gong 农nong 二er
    双shuang 泉quan 虎hu 岸an 中zhong 后hou 牌pai 四si 三san 家jia
    """)
}
"""Pinyin of every character used in a name."""

COMMUNITIES: Final = _listed("""
    清河 玉兰 向阳 桂花 丰泽 货场 长堤 紫薇 南苑 石榴 红旗 渔光 书院 钟楼 建新 康宁 永乐 北关 西门 春晖 梧桐
    海棠 银杏 和平 顺安 福星 前进 朝霞 翠竹 碧水 景明 育才 古井 城隍庙 码头 学府 荷塘 金秋 锦绣 华庭 望江
    滨湖 惠民 团结 友谊 仁里 太平 机械 纺织 铁路 新华 中和 永安 东园 明德 双泉
""")

VILLAGES: Final = _listed("""
    大王庄 小李庄 张营 上沟 下寨 马屯 柳湾 杨坡 石岭 刘集 陈店 朱桥 胡庄 郭村 何营 高寨 林屯 罗湾 郑庄 梁村
    宋集 谢店 唐营 韩庄 曹寨 许村 冯屯 彭湾 苏坡 卢店 蒋集 贾庄 丁营 魏村 薛寨 叶屯 余湾 夏庄 方店 孟集 秦村
    白沟 段营 雷寨 侯庄 龙湾 史屯 陶村 黎坡 贺庄 枣林 桃园 梨坡 槐林屯 榆林 松岭 麦岗 黄沙湾 油坊 双泉庄
    三家村 凤岭 虎坡
""")

STREETS_ALONG: Final = {
    "n": ["文昌路", "书院街", "北关街", "朝霞路", "学府路", "北环路", "顺安路", "银杏路"],
    "s": ["鹿台路", "兴业路", "永乐路", "铁路街", "南环路", "工农路", "丰泽路", "金秋路"],
}
STREETS_ACROSS: Final = _listed("""
    钟楼街 货场路 东渡路 红旗街 康宁路 建新路 柳溪路 和平路 春晖路 育才路 梧桐街 桂花街 向阳路 新华街 古井街
    太平路 玉兰路 前进路 友谊路 福星路 滨湖路 双泉路 海棠路 长堤街 明德路 碧水路 团结路 惠民路 学院路 纺织路
    机械路 石榴街
""")
STREETS_SMALL: Final = _listed("""
    清河 玉兰 桂花 丰泽 紫薇 石榴 渔光 钟楼 春晖 梧桐 海棠 银杏 顺安 福星 朝霞 翠竹 景明 育才 古井 荷塘 锦绣
    望江 仁里 明德 双泉 学府 永安 金秋 华庭 中和 书院 长堤
""")

_ENDS: Final = {"大道": "Ave", "路": "Rd", "街": "St", "巷": "Ln"}
_SIDES: Final = {"北": "N", "南": "S", "东": "E", "西": "W"}
_NUMBERS: Final = {"一": "1", "二": "2", "三": "3"}


FORMER_NAMES: Final = {
    "客运站": ("汽车站", "Bus depot"),
    "鹿台中学": ("第三中学", "No. 3 Middle School"),
    "中心市场": ("大集市场", "Daji Market"),
    "康宁医院": ("铁路医院", "Railway Hospital"),
    "青岗水泥厂": ("红旗水泥厂", "Hongqi Cement Works"),
}
"""What some institutions were called before."""


def pinyin(name: str) -> str:
    """Write a Chinese name in pinyin, one word: 清河 becomes Qinghe."""
    return "".join(READINGS[char] for char in name).capitalize()


def street_en(name: str) -> str:
    """Write a street's name as the map does in English: 文昌路 becomes Wenchang Rd, 淇水北路 Qishui Rd N."""
    for end, word in _ENDS.items():
        if name.endswith(end):
            stem = name.removesuffix(end)
            side = _SIDES.get(stem[-1]) if len(stem) > 2 else None
            number = _NUMBERS.get(stem[-1]) if len(stem) > 2 else None
            if side or number:
                return f"{pinyin(stem[:-1])} {word} {side or number}"
            return f"{pinyin(stem)} {word}"
    return pinyin(name)


@dataclass(frozen=True)
class Institution:
    """A dedicated grid's owner: its name in both languages."""

    name: str
    name_en: str


INSTITUTIONS: Final = {
    "station": [
        Institution("客运站", "Coach station"),
        Institution("货运站", "Freight yard"),
        Institution("公交总站", "Bus terminal"),
    ],
    "school": [
        Institution("实验中学", "Shiyan High School"),
        Institution("淇水一中", "Qishui No. 1 High School"),
        Institution("文昌小学", "Wenchang Primary School"),
        Institution("鹿台中学", "Lutai Middle School"),
        Institution("东渡小学", "Dongdu Primary School"),
        Institution("向阳学校", "Xiangyang School"),
        Institution("柳溪中学", "Liuxi Middle School"),
        Institution("育才小学", "Yucai Primary School"),
        Institution("桂花小学", "Guihua Primary School"),
        Institution("站前中学", "Zhanqian Middle School"),
    ],
    "college": [Institution("职业学院", "Vocational College")],
    "hospital": [
        Institution("人民医院", "People's Hospital"),
        Institution("中医院", "Hospital of Chinese Medicine"),
        Institution("妇幼保健院", "Maternity Hospital"),
        Institution("第二医院", "No. 2 Hospital"),
        Institution("康宁医院", "Kangning Hospital"),
    ],
    "works": [
        Institution("淇水纺织厂", "Qishui Textile Mill"),
        Institution("机械厂", "Machine Works"),
        Institution("食品产业园", "Food Park"),
        Institution("电子产业园", "Electronics Park"),
        Institution("建材厂", "Building Materials Works"),
    ],
    "market": [
        Institution("中心市场", "Central Market"),
        Institution("建材市场", "Building Materials Market"),
        Institution("农贸市场", "Farmers' Market"),
    ],
    "rural_works": [
        Institution("青岗水泥厂", "Qinggang Cement Works"),
        Institution("石桥农机厂", "Shiqiao Farm Machine Works"),
        Institution("云湖水厂", "Yunhu Waterworks"),
        Institution("白鹭粮库", "Bailu Granary"),
        Institution("枣园果品厂", "Zaoyuan Fruit Works"),
        Institution("再生资源园", "Recycling Park"),
    ],
}
