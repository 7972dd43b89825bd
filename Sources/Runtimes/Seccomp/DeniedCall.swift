/// A system call that nothing inside a sandbox or container needs and that has helped others out of one.
///
/// One list for all: ``SeccompFilter`` makes the kernel's program of it, ``SeccompProfile`` the file that container engines read.
struct DeniedCall: Hashable, Sendable {
    /// The error number with which it fails, so that programs which merely try go on without.
    enum Failure: UInt32, Hashable, Sendable {
        case notPermitted = 1
        case noSuchCall = 38
        case noSuchFamily = 97
    }

    let name: String
    /// Its number on x86_64; `nil` = it does not exist there.
    let x86: Int?
    /// Its number on arm64; `nil` = it does not exist there.
    let arm: Int?
    var failure = Failure.notPermitted
    /// It is denied where all of these hold.
    var conditions: [ArgumentCondition] = []

    private init(_ name: String, _ x86: Int?, _ arm: Int?) {
        self.name = name
        self.x86 = x86
        self.arm = arm
    }

    func number(on architecture: SeccompFilter.Architecture) -> Int? {
        switch architecture {
        case .x86: x86
        case .arm: arm
        }
    }

    /// The same call, denied only where conditions hold.
    private func denied(_ failure: Failure = .notPermitted, when conditions: ArgumentCondition...) -> DeniedCall {
        var call = self
        call.failure = failure
        call.conditions = conditions
        return call
    }
}

extension DeniedCall {
    /// All of them.
    static let all = fileSystems + namespaces + otherProcesses + keysAndPrograms + kernel + machine + sockets

    private static let fileSystems = [
        Self("mount", 165, 40), Self("umount2", 166, 39), Self("pivot_root", 155, 41), Self("chroot", 161, 51),
        Self("open_tree", 428, 428), Self("move_mount", 429, 429), Self("fsopen", 430, 430),
        Self("fsconfig", 431, 431), Self("fsmount", 432, 432), Self("fspick", 433, 433),
        Self("mount_setattr", 442, 442), Self("name_to_handle_at", 303, 264), Self("open_by_handle_at", 304, 265),
        Self("quotactl", 179, 60), Self("quotactl_fd", 443, 443), Self("fanotify_init", 300, 262),
        Self("sysfs", 139, nil), Self("ustat", 136, nil),
    ]
    private static let namespaces = [
        Self("unshare", 272, 97), Self("setns", 308, 268),
        // Its arguments are behind a pointer, where no filter can look: programs then use clone.
        Self("clone3", 435, 435).denied(.noSuchCall),
        Self("clone", 56, 220).denied(when: .init(0, .hasAnyBit(of: newNamespaces))),
    ]
    private static let otherProcesses = [
        Self("ptrace", 101, 117), Self("process_vm_readv", 310, 270), Self("process_vm_writev", 311, 271),
        Self("kcmp", 312, 272), Self("pidfd_getfd", 438, 438), Self("process_madvise", 440, 440),
        Self("migrate_pages", 256, 238), Self("move_pages", 279, 239),
        // Switches address randomisation off.
        Self("personality", 135, 92),
    ]
    private static let keysAndPrograms = [
        Self("keyctl", 250, 219), Self("add_key", 248, 217), Self("request_key", 249, 218), Self("bpf", 321, 280),
        Self("perf_event_open", 298, 241), Self("userfaultfd", 323, 282), Self("io_uring_setup", 425, 425),
        Self("io_uring_enter", 426, 426), Self("io_uring_register", 427, 427), Self("vmsplice", 278, 75),
        Self("io_pgetevents", 333, 292),
    ]
    private static let kernel = [
        Self("kexec_load", 246, 104), Self("kexec_file_load", 320, 294), Self("init_module", 175, 105),
        Self("finit_module", 313, 273), Self("delete_module", 176, 106), Self("syslog", 103, 116),
        Self("lookup_dcookie", 212, 18), Self("nfsservctl", 180, 42), Self("uselib", 134, nil),
        Self("modify_ldt", 154, nil), Self("iopl", 172, nil), Self("ioperm", 173, nil),
    ]
    private static let machine = [
        Self("reboot", 169, 142), Self("swapon", 167, 224), Self("swapoff", 168, 225), Self("acct", 163, 89),
        Self("settimeofday", 164, 170), Self("clock_settime", 227, 112), Self("adjtimex", 159, 171),
        Self("clock_adjtime", 305, 266), Self("sethostname", 170, 161), Self("setdomainname", 171, 162),
        Self("vhangup", 153, 58),
        // Typing into the terminal of somebody else: TIOCSTI, TIOCLINUX.
        Self("ioctl", 16, 29).denied(when: .init(1, .equals(0x5412))),
        Self("ioctl", 16, 29).denied(when: .init(1, .equals(0x541C))),
    ]
    /// Left are unix, IPv4 and IPv6 without raw access, and of netlink what programs ask the kernel for their addresses by.
    private static let sockets = [
        Self("socket", 41, 198).denied(.noSuchFamily, when: .init(0, .isNone(of: [1, 2, 10, netlink]))),
        Self("socket", 41, 198).denied(.noSuchFamily, when: .init(0, .equals(netlink)), .init(2, .isNone(of: [0]))),
        Self("socket", 41, 198).denied(when: .init(0, .equals(2)), .init(1, rawSocket)),
        Self("socket", 41, 198).denied(when: .init(0, .equals(10)), .init(1, rawSocket)),
    ]

    /// `CLONE_NEWNS`, `NEWCGROUP`, `NEWUTS`, `NEWIPC`, `NEWUSER`, `NEWPID`, `NEWNET`.
    private static let newNamespaces: UInt32 = 0x7E02_0000
    private static let netlink: UInt32 = 16
    /// `SOCK_RAW`, whatever its flags.
    private static let rawSocket = ArgumentCondition.Test.equals(3, mask: 0xF)
}
