"""An example set of categories in the manner of GB/T 30428.2, and what devices' words mean."""

from typing import Final

import pandas as pd

from geodata.sample.frames import table

_MAJOR: Final = {
    "01": ("公用设施", "Public facilities"),
    "02": ("道路交通", "Roads and traffic"),
    "03": ("市容环境", "Street scene"),
    "04": ("园林绿化", "Parks and trees"),
    "05": ("消防安全", "Fire safety"),
    "06": ("施工管理", "Building sites"),
    "07": ("街面秩序", "Street order"),
    "08": ("突发事件", "Emergencies"),
    "09": ("民生服务", "Residents' matters"),
    "10": ("农村事务", "Village matters"),
}

# code, name, name_en, severity, evidence, weight in a year, text, hours until it is closed
_MINOR: Final = (
    ("0101", "井盖缺失", "Manhole open", 2, "before-after", 2.4, "{place}井盖丢失,有掉落危险", 3),
    ("0102", "路灯不亮", "Lamp out", 4, "before-after", 4.6, "{place}路灯夜间不亮", 30),
    ("0103", "管道漏水", "Water leak", 3, "before-after", 3.6, "{place}自来水管漏水,路面积水", 9),
    ("0104", "燃气泄漏", "Gas leak", 1, "photo", 0.35, "{place}闻到燃气味", 1.2),
    ("0105", "充电桩故障", "Charging fault", 2, "photo", 1.6, "{place}充电桩报故障", 7),
    ("0106", "健身器材损坏", "Bench broken", 4, "before-after", 1.5, "{place}健身器材损坏", 60),
    ("0107", "线缆垂落", "Cable down", 2, "before-after", 1.5, "{place}通信线缆垂落,挡住通行", 6),
    ("0201", "路面塌陷", "Road collapse", 1, "before-after", 0.45, "{place}路面塌陷,已有车辆绕行", 14),
    ("0202", "路面破损", "Road damage", 3, "before-after", 4.2, "{place}路面坑洼", 44),
    ("0203", "机动车乱停", "Illegal parking", 4, "photo", 8.2, "{place}机动车停在人行道上", 3),
    ("0204", "信号灯故障", "Signal fault", 2, "photo", 0.9, "{place}路口信号灯不亮", 2.5),
    ("0205", "护栏损坏", "Railing broken", 3, "before-after", 1.5, "{place}护栏被撞坏", 26),
    ("0206", "道路积水", "Flooded road", 2, "photo", 1.3, "{place}道路积水,行人难以通过", 4),
    ("0301", "暴露垃圾", "Litter", 3, "before-after", 12.5, "{place}有暴露垃圾未清", 5),
    ("0302", "积存渣土", "Rubble heap", 3, "before-after", 4.1, "{place}堆放建筑渣土", 22),
    ("0303", "污水外溢", "Sewage overflow", 2, "before-after", 3.4, "{place}污水井外溢,有异味", 6),
    ("0304", "非法小广告", "Wall slogan", 4, "before-after", 6.1, "{place}墙面有小广告", 20),
    ("0305", "垃圾满冒", "Bin overflowing", 4, "before-after", 5.2, "{place}垃圾桶满冒", 4),
    ("0306", "焚烧垃圾", "Burning litter", 2, "photo", 0.8, "{place}有人焚烧垃圾,烟大", 1.5),
    ("0401", "树木倒伏", "Tree down", 3, "before-after", 1.6, "{place}树木倒伏,压住线路", 5),
    ("0402", "绿地破坏", "Green damaged", 4, "before-after", 1.7, "{place}绿地被踩踏种菜", 50),
    ("0403", "枯枝危险", "Dead branches", 3, "before-after", 1.4, "{place}行道树枯枝可能坠落", 30),
    ("0501", "消防通道占用", "Fire lane blocked", 2, "photo", 5.4, "{place}消防通道停有车辆", 1.6),
    ("0502", "烟感报警", "Smoke alarm", 1, "photo", 1.1, "{place}烟感报警,待到场核实", 0.7),
    ("0503", "楼道堆物", "Stairs blocked", 3, "before-after", 5.1, "{place}楼道堆放杂物", 20),
    ("0504", "电动车进楼", "E-bike indoors", 2, "photo", 2.5, "{place}电动车推入楼道充电", 3),
    ("0505", "热源异常", "Heat source", 2, "photo", 0.5, "{place}热成像发现异常热点", 2.5),
    ("0601", "违法搭建", "Illegal building", 3, "before-after", 2.9, "{place}正在违法搭建", 90),
    ("0602", "工地扬尘", "Site dust", 3, "photo", 2.0, "{place}工地扬尘,未盖防尘网", 8),
    ("0603", "噪声扰民", "Noise", 3, "none", 5.4, "{place}夜间施工噪声扰民", 6),
    ("0701", "占道经营", "Street vending", 3, "before-after", 8.1, "{place}流动摊点占道经营", 2.5),
    ("0702", "店外经营", "Goods outside", 4, "before-after", 5.1, "{place}店铺把货摆到店外", 4),
    ("0703", "流浪犬只", "Stray dogs", 3, "none", 1.5, "{place}有流浪犬追人", 10),
    ("0801", "高空抛物", "Thrown object", 2, "photo", 0.9, "{place}有物品从高处抛下", 5),
    ("0802", "人员聚集", "Crowd", 2, "photo", 0.5, "{place}人员聚集,需到场疏导", 2),
    ("0803", "越界闯入", "Perimeter crossed", 3, "photo", 1.3, "{place}有人翻越围栏", 1.2),
    ("0804", "洪涝险情", "Flood danger", 1, "photo", 0.12, "{place}水位上涨,岸边有险情", 12),
    ("0901", "邻里纠纷", "Neighbour dispute", 3, "none", 4.2, "{place}邻里因琐事争执,请调解", 26),
    ("0902", "物业服务", "Property services", 4, "none", 3.9, "{place}反映物业服务不到位", 60),
    ("0903", "停水停电", "Outage", 3, "none", 2.1, "{place}停水停电,询问恢复时间", 6),
    ("0904", "老人求助", "Elder needs help", 1, "none", 0.5, "{place}独居老人联系不上", 1),
    ("1001", "秸秆焚烧", "Straw burning", 2, "photo", 1.0, "{place}田间焚烧秸秆", 1.8),
    ("1002", "沟渠堵塞", "Blocked drain", 3, "before-after", 2.1, "{place}沟渠淤堵,水排不出去", 40),
    ("1003", "坑塘积水", "Standing water", 4, "photo", 0.9, "{place}积水滋生蚊虫", 30),
    ("1004", "道路堆物", "Road obstructed", 4, "before-after", 1.6, "{place}村道上堆放柴草", 16),
)  # fmt: skip


def make_categories() -> pd.DataFrame:
    """List the classes: code, parent, name, name_en, severity, evidence; major ones first."""
    rows: list[tuple[str | int | None, ...]] = [
        (code, None, name, name_en, 3, "none") for code, (name, name_en) in _MAJOR.items()
    ]
    rows += [(row[0], row[0][:2], *row[1:5]) for row in _MINOR]
    names = ("code", "parent", "name", "name_en", "severity", "evidence")
    return table({name: [row[i] for row in rows] for i, name in enumerate(names)})


def category_habits() -> pd.DataFrame:
    """Tell how often each minor class comes up, what is said of it, and how long it takes (median hours)."""
    names = ("code", "severity", "weight", "text", "hours")
    return table({name: [(row[0], row[3], row[5], row[6], row[7])[i] for row in _MINOR]
                  for i, name in enumerate(names)})  # fmt: skip


def make_templates() -> pd.DataFrame:
    """Translate what devices say: five camera scenes and three of drones; smoke and charging speak for themselves."""
    rows = (
        ("fire-lane", "camera", "fire_lane", "0501", 2),
        ("perimeter", "camera", "perimeter", "0803", 3),
        ("smoke", "camera", "smoke", "0502", 1),
        ("charging", "camera", "pile_fault", "0105", 2),
        ("falling", "camera", "falling_object", "0801", 2),
        ("rooftop", "drone_dock", "rooftop_building", "0601", 3),
        ("water", "drone_dock", "standing_water", "1003", 4),
        ("thermal", "drone_dock", "thermal_fire", "0505", 2),
        ("smoke", "smoke", "smoke", "0502", 1),
        ("charging", "charging_pile", "pile_fault", "0105", 2),
    )
    names = ("scene", "device_kind", "class", "category", "severity")
    return table({name: [row[i] for row in rows] for i, name in enumerate(names)})
