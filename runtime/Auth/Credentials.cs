// Who we are, or whom we know, by realm (RFC 7616 §3.4.2, §5.2). What opens a realm is kept in one pinned array, so that the collector leaves no copies of it
// behind, and is overwritten when it is replaced.
using System.Security.Cryptography;
using System.Text.Unicode;
using SipEmbedded.Memory;

namespace SipEmbedded.Auth;

/// <summary>What became of credentials that were handed over.</summary>
public enum CredentialsResult : byte
{
    /// <summary>They are kept from now on.</summary>
    Stored,

    /// <summary>There is no room for another user; counted in <see cref="Credentials.Refused"/>.</summary>
    Full,

    /// <summary>A text is longer than <see cref="AuthLimits"/> has it.</summary>
    TooLong,

    /// <summary>A text that no header can carry (not UTF-8, or with CR, LF or NUL), no user, or a secret of the wrong length or without a realm.</summary>
    Malformed,
}

/// <summary>
/// A fixed number of users, each of one realm; of an empty realm for whichever asks. For a client these are its own names, one a realm; for a server, those it
/// lets in. For a named realm the password itself is not kept, only H(user:realm:password) for each hash function, which opens that realm alone.
/// Names are octets of UTF-8, best in the normalisation form C that peers use (RFC 7616 §4).
/// </summary>
public sealed class Credentials
{
    private const int SecretsOctets = DigestHashes.Count * DigestHashes.MaxOctets;
    private const int RealmAt = 0;
    private const int UserAt = RealmAt + AuthLimits.MaxRealmOctets;
    private const int PasswordAt = UserAt + AuthLimits.MaxUserOctets;
    private const int SecretsAt = PasswordAt + AuthLimits.MaxPasswordOctets;
    private const int OctetsEach = SecretsAt + SecretsOctets;

    private struct Entry
    {
        public bool IsTaken;
        public bool HasPassword;

        // By hash function, a bit each.
        public byte Secrets;
        public ushort RealmLength;
        public ushort UserLength;
        public ushort PasswordLength;
    }

    private readonly Entry[] _entries;
    private readonly byte[] _text;

    [StartUp(Because = "a pool is made before start")]
    public Credentials(StartGate gate, string pool, int capacity)
    {
        _entries = gate.Take<Entry>(pool, capacity);
        _text = gate.Take<byte>(pool, capacity, OctetsEach, isPinned: true);
    }

    /// <summary>Users that are kept.</summary>
    public int Count { get; private set; }

    /// <summary>How often there was no room for another.</summary>
    public long Refused { get; private set; }

    /// <summary>Adds a user by password, or replaces what was kept of the same user of the same realm.</summary>
    public CredentialsResult Set(ReadOnlySpan<byte> realm, ReadOnlySpan<byte> user, ReadOnlySpan<byte> password)
    {
        if (password.Length > AuthLimits.MaxPasswordOctets)
            return CredentialsResult.TooLong;
        var result = TryTake(realm, user, out int at);
        if (result != CredentialsResult.Stored)
            return result;
        ref var entry = ref _entries[at];
        CryptographicOperations.ZeroMemory(TextOf(at)[PasswordAt..]);
        entry.Secrets = 0;
        entry.HasPassword = realm.IsEmpty;
        entry.PasswordLength = 0;
        if (entry.HasPassword)
        {
            entry.PasswordLength = (ushort)password.Length;
            password.CopyTo(TextOf(at)[PasswordAt..]);
            return CredentialsResult.Stored;
        }
        for (var hash = DigestHash.Md5; hash <= DigestHash.Sha512Slash256; hash++)
        {
            DigestResponse.Secret(DigestAlgorithms.PlainOf(hash), user, realm, password, SecretOf(at, hash));
            entry.Secrets |= (byte)(1 << (int)hash);
        }
        return CredentialsResult.Stored;
    }

    /// <summary>
    /// Adds a user by H(user:realm:password) in hexadecimal digits, as password files have it, for an algorithm and its session variant. The same user's secrets
    /// for other hash functions stay.
    /// </summary>
    public CredentialsResult SetSecret(
        ReadOnlySpan<byte> realm, ReadOnlySpan<byte> user, DigestAlgorithm algorithm, ReadOnlySpan<byte> secret)
    {
        var hash = DigestAlgorithms.HashOf(algorithm);
        Span<byte> octets = stackalloc byte[DigestHashes.OctetsOf(hash)];
        if (realm.IsEmpty || !HexText.TryRead(secret, octets))
            return CredentialsResult.Malformed;
        var result = TryTake(realm, user, out int at);
        if (result == CredentialsResult.Stored)
        {
            octets.CopyTo(SecretOf(at, hash));
            _entries[at].Secrets |= (byte)(1 << (int)hash);
        }
        CryptographicOperations.ZeroMemory(octets);
        return result;
    }

    /// <summary>Forgets a user; false where there is none of that name in that realm.</summary>
    public bool Remove(ReadOnlySpan<byte> realm, ReadOnlySpan<byte> user)
    {
        int at = IndexOf(realm, user);
        if (at < 0)
            return false;
        CryptographicOperations.ZeroMemory(TextOf(at));
        _entries[at] = default;
        Count--;
        return true;
    }

    /// <summary>Forgets all of them.</summary>
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(_text);
        Array.Clear(_entries);
        Count = 0;
    }

    /// <summary>The name of a user that a server has let in.</summary>
    public ReadOnlySpan<byte> UserOf(int user) => TextOf(user).Slice(UserAt, _entries[user].UserLength);

    private CredentialsResult TryTake(ReadOnlySpan<byte> realm, ReadOnlySpan<byte> user, out int at)
    {
        at = -1;
        if (realm.Length > AuthLimits.MaxRealmOctets || user.Length > AuthLimits.MaxUserOctets)
            return CredentialsResult.TooLong;
        if (user.IsEmpty || !IsWritable(user) || !IsWritable(realm))
            return CredentialsResult.Malformed;
        at = IndexOf(realm, user);
        if (at >= 0)
            return CredentialsResult.Stored;
        at = 0;
        while (at < _entries.Length && _entries[at].IsTaken)
            at++;
        if (at == _entries.Length)
        {
            Refused++;
            return CredentialsResult.Full;
        }
        Count++;
        _entries[at] = new() { IsTaken = true, RealmLength = (ushort)realm.Length, UserLength = (ushort)user.Length };
        var text = TextOf(at);
        CryptographicOperations.ZeroMemory(text);
        realm.CopyTo(text[RealmAt..]);
        user.CopyTo(text[UserAt..]);
        return CredentialsResult.Stored;
    }

    private static bool IsWritable(ReadOnlySpan<byte> text) => text.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) < 0 && Utf8.IsValid(text);

    private int IndexOf(ReadOnlySpan<byte> realm, ReadOnlySpan<byte> user)
    {
        for (int i = 0; i < _entries.Length; i++)
        {
            if (_entries[i].IsTaken && RealmOf(i).SequenceEqual(realm) && UserOf(i).SequenceEqual(user))
                return i;
        }
        return -1;
    }

    private Span<byte> TextOf(int at) => _text.AsSpan(at * OctetsEach, OctetsEach);

    /// <summary>The realm of an entry, empty for any.</summary>
    internal ReadOnlySpan<byte> RealmOf(int at) => TextOf(at).Slice(RealmAt, _entries[at].RealmLength);

    private Span<byte> SecretOf(int at, DigestHash hash) => TextOf(at).Slice(SecretsAt + (int)hash * DigestHashes.MaxOctets, DigestHashes.OctetsOf(hash));

    // ---- For both sides ---------------------------------------------------------------------------------------------------------

    /// <summary>True where the entry names its realm; false for one that serves any.</summary>
    internal bool IsNamed(int at) => _entries[at].RealmLength != 0;

    /// <summary>The first of all; -1 where there is none.</summary>
    internal int FindFirst()
    {
        for (int i = 0; i < _entries.Length; i++)
        {
            if (_entries[i].IsTaken)
                return i;
        }
        return -1;
    }

    /// <summary>The first user of a realm, else the first for any; -1 where there is none.</summary>
    internal int FindByRealm(scoped ReadOnlySpan<byte> realm)
    {
        int any = -1;
        for (int i = 0; i < _entries.Length; i++)
        {
            if (!_entries[i].IsTaken)
                continue;
            if (RealmOf(i).SequenceEqual(realm))
                return i;
            if (any < 0 && !IsNamed(i))
                any = i;
        }
        return any;
    }

    /// <summary>A user of a realm by name, else one for any; -1 where there is none.</summary>
    internal int FindByUser(scoped ReadOnlySpan<byte> realm, scoped ReadOnlySpan<byte> user)
    {
        int at = IndexOf(realm, user);
        return at >= 0 ? at : IndexOf(default, user);
    }

    /// <summary>A user of a realm by the hash of the name, in hexadecimal digits (RFC 7616 §3.4.4); -1 where there is none.</summary>
    internal int FindByUserHash(scoped ReadOnlySpan<byte> realm, DigestHash hash, scoped ReadOnlySpan<byte> userHash)
    {
        Span<byte> text = stackalloc byte[2 * DigestHashes.MaxOctets];
        for (int i = 0; i < _entries.Length; i++)
        {
            if (!_entries[i].IsTaken || IsNamed(i) && !RealmOf(i).SequenceEqual(realm))
                continue;
            if (DigestResponse.UserHash(DigestAlgorithms.PlainOf(hash), UserOf(i), realm, text).SequenceEqual(userHash))
                return i;
        }
        return -1;
    }

    /// <summary>True where there is a secret for the hash function.</summary>
    internal bool HasSecret(int at, DigestHash hash) => _entries[at].HasPassword || (_entries[at].Secrets >> (int)hash & 1) != 0;

    /// <summary>H(user:realm:password); <see cref="HasSecret"/> has been asked.</summary>
    internal ReadOnlySpan<byte> ReadSecret(int at, DigestHash hash, scoped ReadOnlySpan<byte> realm, Span<byte> secret)
    {
        if (_entries[at].HasPassword)
        {
            var password = TextOf(at).Slice(PasswordAt, _entries[at].PasswordLength);
            return DigestResponse.Secret(DigestAlgorithms.PlainOf(hash), UserOf(at), realm, password, secret);
        }
        var kept = SecretOf(at, hash);
        kept.CopyTo(secret);
        return secret[..kept.Length];
    }
}
