"""The private cluster on real servers: every way it can be found, hurt and ended."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gridmap.postgis import ClusterError, PrivateCluster
from gridmap.postgis.account import Account
from gridmap.postgis.binaries import EXTENSIONS, find_binaries
from gridmap.postgis.bootstrap import connect
from gridmap.postgis.places import Places

AS_ROOT = os.geteuid() == 0
# Commits stay synchronous: some of these tests kill the server and ask for what was acked.
FAST = {"fsync": "off", "shared_buffers": "32MB"}
# Whatever a shell starts in the background ignores Ctrl-C, and so would all that it starts: a whole run of these tests.
HOLD = """
import signal, sys, time
from pathlib import Path
from gridmap.postgis import PrivateCluster
signal.signal(signal.SIGINT, signal.default_int_handler)
with PrivateCluster(Path(sys.argv[1]), settings={"fsync": "off"}) as cluster:
    print(cluster.status().pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A directory that the server's user can enter, which pytest's own are not."""
    place = Path(tempfile.mkdtemp(prefix="gridmap-place-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def made(place: Path) -> Path:
    """A cluster that was made once, under a hostile environment, and stopped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LC_ALL", "zh_CN.GBK")
        patch.setenv("LANG", "zh_CN.GBK")
        patch.setenv("PGDATA", "/nonexistent")
        with PrivateCluster(place / "made", settings=FAST):
            pass
    return place / "made"


@pytest.fixture
def cluster(made: Path) -> Iterator[PrivateCluster]:
    """That cluster, stopped before and after the test."""
    cluster = PrivateCluster(made, settings=FAST)
    yield cluster
    cluster.stop()


@pytest.fixture
def hold() -> Iterator[Callable[[Path], subprocess.Popen[str]]]:
    """Start other processes that use a cluster; none is left after the test."""
    holders: list[subprocess.Popen[str]] = []

    def start(data_dir: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", HOLD, str(data_dir)]
        holders.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True))
        return holders[-1]

    yield start
    for holder in holders:
        holder.kill()
        holder.communicate()


def pid_once_ready(holder: subprocess.Popen[str]) -> int:
    assert holder.stdout is not None
    return int(holder.stdout.readline())


def servers(cluster: PrivateCluster) -> set[int]:
    account = Account.for_cluster(cluster.places.home)
    return account.processes_in(cluster.places.data)


def wait_until_gone(cluster: PrivateCluster) -> None:
    deadline = time.monotonic() + 60
    while servers(cluster) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not servers(cluster)


def ask(cluster: PrivateCluster, question: str, database: str = "gridmap") -> list[object]:
    with connect(str(cluster.socket_dir), database) as connection:
        answer = connection.execute(question.encode())
        return list(answer.fetchone() or ()) if answer.description else []


def copy(made: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", str(made), str(to)], check=True)


# ---------------------------------------------------------------- who runs it, and where


@pytest.mark.skipif(not AS_ROOT, reason="only root must hand the server to another user")
def test_root_hands_the_server_to_the_user_postgres(cluster):
    with cluster:
        pid = cluster.status().pid
        assert Path(f"/proc/{pid}").stat().st_uid == Account.for_cluster(cluster.places.home).uid != 0


@pytest.mark.skipif(not AS_ROOT, reason="an ordinary user can enter the own directories")
def test_a_directory_that_the_server_cannot_enter_is_named(place):
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(ClusterError, match=rf"user postgres, who cannot enter {closed}\."):
        PrivateCluster(closed / "data").start()


def test_the_callers_locale_never_becomes_the_databases(cluster):
    question = "SELECT datcollate, datctype, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'gridmap'"
    with cluster:
        assert ask(cluster, question) == ["C.UTF-8", "C.UTF-8", "UTF8"]
        assert ask(cluster, "SHOW lc_messages") == ["C.UTF-8"]
        assert ask(cluster, "SHOW timezone") == ["UTC"]


def test_a_path_too_long_for_a_socket_gets_a_short_private_directory_that_is_remembered(made, place):
    far = place / ("水" * 20) / ("long-" * 12)
    copy(made, far)
    with PrivateCluster(far, settings=FAST) as cluster:
        socket_dir = cluster.socket_dir
        assert len(os.fsencode(socket_dir)) < 60
        assert stat.S_IMODE(socket_dir.stat().st_mode) == 0o700
        assert PrivateCluster(far).socket_dir == socket_dir
        assert ask(cluster, "SELECT 1") == [1]
    shutil.rmtree(socket_dir)


def test_a_socket_directory_that_was_swept_away_is_made_anew(made, place):
    far = place / ("swept-" * 20)
    copy(made, far)
    with PrivateCluster(far, settings=FAST) as first:
        gone, before = first.socket_dir, first.status().pid
        shutil.rmtree(gone)
        with PrivateCluster(far, settings=FAST) as second:
            assert second.socket_dir != gone
            assert ask(second, "SELECT 1") == [1]
            assert second.status().pid != before
    shutil.rmtree(second.socket_dir)


# ---------------------------------------------------------------- who can reach it


def test_nothing_listens_on_the_network_even_if_a_file_asks_for_it(cluster):
    account = Account.for_cluster(cluster.places.home)
    account.write(cluster.places.data / "local.conf", "listen_addresses = '*'\nwork_mem = '7MB'\n")
    with cluster:
        assert ask(cluster, "SHOW work_mem") == ["7MB"]
        pid = cluster.status().pid
        links = account.run("find", f"/proc/{pid}/fd", "-printf", "%l\n").stdout.split()
        tables = [path.read_text() for path in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")) if path.exists()]
    (cluster.places.data / "local.conf").unlink()
    ours = {link.removeprefix("socket:[").rstrip("]") for link in links if link.startswith("socket:")}
    of_the_machine = {row.split()[9] for table in tables for row in table.splitlines()[1:]}
    assert ours
    assert not ours & of_the_machine


def test_the_socket_is_for_the_servers_user_alone(cluster):
    with cluster:
        found = cluster.socket_dir.stat()
    assert stat.S_IMODE(found.st_mode) == 0o700
    assert found.st_uid == Account.for_cluster(cluster.places.home).uid


@pytest.mark.skipif(not AS_ROOT, reason="only root can ask as another user")
def test_another_user_is_refused_even_with_the_directory_open(cluster):
    stranger = Account("nobody", 65534, 65534)
    psql = str(find_binaries().programs / "psql")
    with cluster:
        open_to_all = str(cluster.socket_dir)
        cluster.places.home.chmod(0o755)
        subprocess.run(["chmod", "-R", "a+rwX", open_to_all], check=True)
        try:
            asked = stranger.run(psql, "-h", open_to_all, "-U", "gridmap_app", "-c", "SELECT 1", "gridmap")
        finally:
            cluster.places.home.chmod(0o700)
    assert "Peer authentication failed" in asked.stderr


def test_the_role_that_serves_owns_nothing_and_the_owner_is_no_superuser(cluster):
    with cluster:
        rights = "SELECT bool_or(rolsuper), bool_or(rolcreatedb) FROM pg_roles WHERE rolname LIKE 'gridmap%'"
        assert ask(cluster, rights) == [False, False]
        owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'gridmap'"
        assert ask(cluster, owner) == ["gridmap_owner"]
        creates = "SELECT has_schema_privilege('gridmap_app', 'public', 'CREATE')"
        assert ask(cluster, creates) == [False]
        extensions = "SELECT array_agg(extname::text) FROM pg_extension"
        assert set(EXTENSIONS) <= set(ask(cluster, extensions)[0])


@pytest.mark.skipif(shutil.which("pg_lsclusters") is None, reason="Debian's tools are not here")
def test_debians_own_clusters_are_left_alone(cluster):
    def look() -> str:
        return subprocess.run(["pg_lsclusters"], capture_output=True, text=True, check=True).stdout

    before = look()
    with cluster:
        assert look() == before
        assert ask(cluster, "SHOW data_directory") == [str(cluster.places.data)]
    assert look() == before


# ---------------------------------------------------------------- starting, whatever was left behind


def test_two_that_start_at_once_share_one_server(place, hold):
    both = [hold(place / "both"), hold(place / "both")]
    first, second = (pid_once_ready(holder) for holder in both)
    assert first == second
    for holder in both:
        holder.terminate()
        holder.wait(60)
    wait_until_gone(PrivateCluster(place / "both"))


def test_a_run_killed_while_making_the_database_leaves_nothing_in_the_way(place, hold):
    holder = hold(place / "cut")
    places = Places(place / "cut")
    deadline = time.monotonic() + 60
    while not list(places.home.glob("data.unfinished.*/base")) and time.monotonic() < deadline:
        time.sleep(0.005)
    os.killpg(holder.pid, signal.SIGKILL)
    holder.wait(60)
    assert not places.data.exists()
    with PrivateCluster(place / "cut", settings=FAST) as cluster:
        assert ask(cluster, "SELECT postgis_lib_version() IS NOT NULL") == [True]
    assert not list(places.home.glob("data.unfinished.*"))


def test_long_queries_are_shared_among_processes(cluster):
    with cluster, connect(str(cluster.socket_dir), "gridmap") as connection:
        connection.execute("CREATE TABLE shared AS SELECT generate_series(1, 100000) AS n")
        connection.execute("SET parallel_setup_cost = 0; SET min_parallel_table_scan_size = 0")
        plan = connection.execute("EXPLAIN (ANALYZE) SELECT count(*) FROM shared WHERE n % 7 = 3").fetchall()
        connection.execute("DROP TABLE shared")
    assert any("Workers Launched: 1" in line for (line,) in plan)


def test_what_was_committed_outlives_a_server_that_was_killed_at_work(cluster):
    with cluster:
        ask(cluster, "CREATE TABLE kept AS SELECT 42 AS answer")
        with contextlib.closing(connect(str(cluster.socket_dir), "gridmap")) as at_work:
            at_work.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000000000)")
            killed = cluster.status().pid
            os.kill(killed, signal.SIGKILL)
            assert at_work.info.backend_pid in servers(cluster)  # it is too busy to see its server gone
            assert cluster.revive()
        assert cluster.status().pid != killed
        assert ask(cluster, "SELECT answer FROM kept") == [42]
        assert not cluster.revive()


def test_a_zombie_is_not_taken_for_a_server(cluster):
    with cluster:
        zombie = cluster.status().pid
        os.kill(zombie, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while ") Z " not in Path(f"/proc/{zombie}/stat").read_text() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert (cluster.places.data / "postmaster.pid").read_text().startswith(f"{zombie}\n")
        assert not cluster.status().running
        with PrivateCluster(cluster.places.data_dir, settings=FAST) as other:
            assert ") Z " in Path(f"/proc/{zombie}/stat").read_text()
            assert ask(other, "SELECT 1") == [1]


def test_a_pid_file_that_names_another_program_is_not_believed(cluster):
    account = Account.for_cluster(cluster.places.home)
    with account.start(["sleep", "600"]) as sleeper:
        stale = f"{sleeper.pid}\n{cluster.places.data}\n1700000000\n5432\n{cluster.socket_dir}\n\n  1  1\nready   \n"
        account.write(cluster.places.data / "postmaster.pid", stale)
        account.write(cluster.socket_dir / ".s.PGSQL.5432.lock", stale)
        try:
            assert cluster.status().pid is None
            with cluster:
                assert ask(cluster, "SELECT 1") == [1]
            assert sleeper.poll() is None
        finally:
            sleeper.kill()


def test_data_of_another_major_version_is_refused_with_both_versions(place):
    here = find_binaries().major
    data = Places(place / "old").data
    (data / "global").mkdir(parents=True)
    (data / "global" / "pg_control").write_bytes(b"-")
    (data / "PG_VERSION").write_text("12\n")
    with pytest.raises(ClusterError, match=rf"made by PostgreSQL 12, .* version {here}.* postgresql-12-postgis-3"):
        PrivateCluster(place / "old").start()


def test_files_that_are_no_database_are_refused_and_kept(place):
    data = Places(place / "torn").data
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("15\n")
    with pytest.raises(ClusterError, match="not a whole database"):
        PrivateCluster(place / "torn").start()
    assert (data / "PG_VERSION").exists()


# ---------------------------------------------------------------- stopping


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_server_does_not_outlive_a_holder_that_was_ended(cluster, how, hold):
    holder = hold(cluster.places.data_dir)
    assert pid_once_ready(holder) in servers(cluster)
    holder.send_signal(how)
    holder.wait(60)
    wait_until_gone(cluster)


def test_ctrl_c_in_the_terminal_reaches_us_and_we_stop_the_server(cluster, hold):
    holder = hold(cluster.places.data_dir)
    pid = pid_once_ready(holder)
    assert os.getpgid(pid) != os.getpgid(holder.pid)
    os.killpg(holder.pid, signal.SIGINT)
    holder.wait(60)
    assert pid not in servers(cluster)
    # The process that writes the log outlives the server by its last words.
    wait_until_gone(cluster)
    log = max((cluster.places.data / "log").iterdir(), key=lambda path: path.stat().st_mtime)
    assert log.read_text().rstrip().endswith("database system is shut down")


def test_the_last_one_out_stops_the_server(cluster, hold):
    with cluster:
        holder = hold(cluster.places.data_dir)
        pid_once_ready(holder)
    assert cluster.status().running
    with pytest.raises(ClusterError, match="in use"):
        cluster.stop()
    holder.send_signal(signal.SIGINT)
    holder.wait(60)
    assert not cluster.status().running


def test_a_forked_child_that_leaves_the_block_stops_nothing(cluster):
    with cluster:
        child = os.fork()
        if child == 0:
            cluster.__exit__(None, None, None)
            os._exit(0)
        os.waitpid(child, 0)
        assert ask(cluster, "SELECT 1") == [1]
        assert cluster.status().in_use


def test_a_server_that_was_started_to_stay_stays_until_it_is_stopped(cluster):
    cluster.start()
    with PrivateCluster(cluster.places.data_dir) as other:
        pid = other.status().pid
    status = cluster.status()
    assert (status.running, status.kept, status.in_use, status.pid) == (True, True, False, pid)
    cluster.stop()
    assert not cluster.status().running
    cluster.stop()
