using System.Runtime.InteropServices;

namespace ActorLb.Engine.Transport;

/// <summary>
/// The system calls of the epoll lane (man 2 of each). The collector waits for none of them: each is input or output, or may
/// wait for a lock of the kernel's.
/// </summary>
internal static unsafe partial class Linux
{
    public const int Again = 11;
    public const int Interrupted = 4;
    public const int InProgress = 115;
    public const int TooManyFiles = 24;
    public const int TooManyFilesInSystem = 23;
    public const int ConnectionAborted = 103;
    public const int ConnectionReset = 104;
    public const int BrokenPipe = 32;
    public const int NoBuffers = 105;
    public const int NoMemory = 12;
    public const int AddressNotAvailable = 99;

    public const int AddressV4 = 2;
    public const int AddressV6 = 10;
    public const int SocketStream = 1;
    public const int SocketNonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;

    public const int PeekWithoutWaiting = 0x42;
    public const int NoSignal = 0x4000;
    public const int MoreFollows = 0x8000;

    public const int ShutdownWrite = 1;

    public const int LevelSocket = 1;
    public const int OptionError = 4;
    public const int OptionLinger = 13;
    public const int LevelTcp = 6;
    public const int OptionNoDelay = 1;

    public const int ControlAdd = 1;
    public const int ControlDelete = 2;

    public const uint EventIn = 0x1;
    public const uint EventOut = 0x4;
    public const uint EventError = 0x8;
    public const uint EventHangUp = 0x10;
    public const uint EventPeerEnded = 0x2000;
    public const uint EventExclusive = 1u << 28;
    public const uint EventEdge = 1u << 31;

    /// <summary>errno of this thread's last call below that keeps it; those whose result nobody looks at do not.</summary>
    public static int LastError => Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint SendMessage(int socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    public static partial int Accept(int socket, byte* address, int* addressLength, int flags);

    [LibraryImport("libc", EntryPoint = "getpeername")]
    public static partial int PeerName(int socket, byte* address, int* addressLength);

    [LibraryImport("libc", EntryPoint = "getsockname")]
    public static partial int SocketName(int socket, byte* address, int* addressLength);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(int socket, byte* address, int addressLength);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetOption(int socket, int level, int name, void* value, int* length);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    public static partial int SetOption(int socket, int level, int name, void* value, int length);

    /// <summary>Sets an option that is a number. Where it can't be, nothing changes.</summary>
    public static void Set(int socket, int level, int name, int value) => _ = SetOption(socket, level, name, &value, sizeof(int));

    [LibraryImport("libc", EntryPoint = "shutdown")]
    public static partial int Shutdown(int socket, int how);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int CreatePoll(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int Control(int poll, int operation, int descriptor, byte* poolEvent);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int Wait(int poll, byte* events, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int CreateEvent(uint count, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    public static partial nint Write(int descriptor, void* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "read")]
    public static partial nint Read(int descriptor, void* buffer, nint length);

    /// <summary>struct iovec.</summary>
    public struct Part
    {
        public byte* Start;
        public nint Length;
    }

    /// <summary>struct msghdr.</summary>
    public struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public Part* Parts;
        public nint PartCount;
        public void* Control;
        public nint ControlLength;
        public int Flags;
    }

    /// <summary>struct linger.</summary>
    public struct Linger
    {
        public int On;
        public int Seconds;
    }
}
