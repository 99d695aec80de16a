"""Staff with roles: chiefs and workers of grids, township desks, departments, operators, planners and the rest."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd

from geodata.sample.editions import History, holders_in_time
from geodata.sample.frames import table
from geodata.sample.names import DISTRICT, TOWNSHIPS, pinyin

_SURNAMES: Final = (
    "王李张刘陈杨周吴孙马朱胡郭何高林罗郑梁宋谢唐韩曹许邓冯曾彭苏卢蒋贾丁魏薛叶余潘戴夏方邹熊孟秦白段雷侯陶黎贺顾毛郝沈"
)
_GIVEN: Final = tuple(
    word
    for line in (
        "敏 晓岚 文斌 建国 静 雪 玉兰 立强 伟 芳 丽娜 秀英 志军 海洋 永杰 艳 勇 涛 明超 霞 志刚 波 国辉",
        "鹏飞 宇 浩 博 凯 婷 雅欣 怡 佳梦 洁 琳 颖 利民 一鸣 学文 正平 成林 瑞华 俊杰 振宇 庆丰 天明 少华",
        "思慧 淑芳 爱华 凤英 春华 秋霞 海涛 建新 文静 晓敏 国强 志明 玉洁 永康 金凤 双林 正华 学军 晓霞",
        "红英 建民 光明 德华 成波",
    )
    for word in line.split()
)

_DEPARTMENTS: Final = (
    ("urban", "城市管理局", "Urban Management"),
    ("works", "市政管养所", "Municipal Works"),
    ("sanitation", "环卫二站", "Sanitation 2"),
    ("parks", "园林所", "Parks"),
    ("lighting", "路灯所", "Lighting"),
    ("water", "供水公司", "Water Company"),
    ("fire", "消防救援站", "Fire and Rescue"),
    ("police", "公安分局", "Police"),
    ("housing", "住房和建设局", "Housing and Building"),
    ("market", "市场监管局", "Market Supervision"),
    ("ecology", "生态环境局", "Environment"),
    ("emergency", "应急管理局", "Emergency Management"),
    ("energy", "新能源公司", "New Energy Company"),
    ("health", "卫生健康局", "Health"),
)

_GRIDS_A_CHIEF: Final = 6
_GRIDS_A_WORKER: Final = 2


@dataclass
class _Book:
    """Rows of assignments, and the next unused name."""

    names: Iterator[tuple[str, str, str, str]]
    rows: list[tuple[object, ...]] = field(default_factory=list)

    def hire(self) -> tuple[str, str, str, str]:
        return next(self.names)

    def assign(self, person: tuple[str, str, str, str], role: str, since: datetime, *, post: str | None = None,
               area: str | None = None, grid: str | None = None, department: str | None = None,
               until: datetime | None = None) -> None:  # fmt: skip
        self.rows.append((*person, role, post, area, grid, department, since, until))


def make_people(history: History, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Staff the district.

    A row is an assignment: who holds a role over exactly one area, grid or department, from when, and until when if
    it ended. Every grid that ever was has a chief for as long as it was.

    Returns
    -------
    people, departments
    """
    book = _Book(_names(rng))
    start = history.editions[0].effective_at
    spans = holders_in_time(history)
    urban = set(history.grids.loc[history.grids["kind"] == "urban", "code"])
    _staff_grids(book, spans, urban)
    townships = sorted({code[:9] for code in spans})
    departments = _staff_departments(book, townships, start)
    district = DISTRICT[0]
    for township in townships:
        for _ in range(3):
            book.assign(book.hire(), "township", start, area=township)
    small = len(history.grids) < 400
    for role, count in (("operator", 12), ("planner", 4), ("supervisor", 3), ("auditor", 2), ("admin", 2)):
        for _ in range(max(1, count // 3) if small else count):
            book.assign(book.hire(), role, start, area=district)
    for _ in range(3 if small else 18):
        book.assign(book.hire(), "worker", start, post="mobile", area=district)
    columns = ("login", "name", "name_en", "phone", "role", "post", "area_code", "grid_code", "department_code",
               "valid_from", "valid_to")  # fmt: skip
    people = table({name: [row[i] for row in book.rows] for i, name in enumerate(columns)})
    people["valid_to"] = pd.to_datetime(people["valid_to"]).dt.tz_convert("Asia/Shanghai")
    people["valid_from"] = pd.to_datetime(people["valid_from"]).dt.tz_convert("Asia/Shanghai")
    return people, departments


def _staff_grids(book: _Book, spans: dict[str, tuple[datetime, datetime | None]], urban: set[str]) -> None:
    """Give neighbouring grids of a community (neighbours in number) one chief, urban ones workers as well."""
    communities: dict[str, list[str]] = {}
    for code in sorted(spans):
        communities.setdefault(code[:12], []).append(code)
    for number, codes in enumerate(communities.values()):
        chiefs = max(1, round(len(codes) / _GRIDS_A_CHIEF))
        for chunk in np.array_split(np.array(codes), chiefs):
            chief = book.hire()
            for code in chunk.tolist():
                since, until = spans[code]
                book.assign(chief, "chief", since, grid=code, until=until)
        walked = [code for code in codes if code in urban]
        for at in range(0, len(walked), _GRIDS_A_WORKER):
            worker = book.hire()
            for code in walked[at : at + _GRIDS_A_WORKER]:
                book.assign(worker, "worker", spans[code][0], post="full-time", grid=code)
        if number % 3 == 0:
            helper = book.hire()
            book.assign(helper, "worker", spans[codes[0]][0], post="part-time", area=codes[0][:12])


def _staff_departments(book: _Book, townships: list[str], start: datetime) -> pd.DataFrame:
    rows: list[tuple[str | None, ...]] = []
    known = {DISTRICT[0] + township.digits: township for township in TOWNSHIPS}
    for code, name, name_en in _DEPARTMENTS:
        three = [book.hire() for _ in range(3)]
        for person in three:
            book.assign(person, "department", start, department=code)
        rows.append((code, name, name_en, DISTRICT[0], *(person[0] for person in three)))
    for township in townships:
        code = f"enforce-{township[6:]}"
        person = book.hire()
        book.assign(person, "department", start, department=code)
        name = f"{known[township].name}综合执法队"
        rows.append((code, name, f"{known[township].name_en} Enforcement", township, person[0], None, None))
    columns = ("code", "name", "name_en", "area_code", "handler", "policy", "leader")
    return table({name: [row[i] for row in rows] for i, name in enumerate(columns)})


def _names(rng: np.random.Generator) -> Iterator[tuple[str, str, str, str]]:
    """Make up people: login, name, name in pinyin, and a number from no operator's range (199-0000)."""
    taken: dict[str, int] = {}
    order = rng.permutation(len(_SURNAMES) * len(_GIVEN))
    for number, at in enumerate(order.tolist(), start=1):
        surname, given = _SURNAMES[at // len(_GIVEN)], _GIVEN[at % len(_GIVEN)]
        english = f"{pinyin(surname)} {pinyin(given)}"
        plain = english.replace(" ", "").lower()
        taken[plain] = taken.get(plain, 0) + 1
        login = plain if taken[plain] == 1 else f"{plain}{taken[plain]}"
        yield login, surname + given, english, f"199-0000-{number:04d}"
