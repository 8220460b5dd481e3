{{/* The volume of a part that keeps something: dict "root" $ "storage" (size, storageClass). */}}
{{- define "treatywatch.claim" -}}
- metadata:
    name: data
    labels:
      {{- include "treatywatch.release" .root | nindent 6 }}
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .storage.storageClass }}
    storageClassName: {{ . }}
    {{- end }}
    resources: {requests: {storage: {{ .storage.size }}}}
{{- end -}}

{{/* The Service that a StatefulSet must name; it balances nothing. dict "root" $ "part" "connect". */}}
{{- define "treatywatch.headless" }}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "treatywatch.fullname" .root }}-{{ .part }}
  labels:
    {{- include "treatywatch.labels" . | nindent 4 }}
spec:
  clusterIP: None
  ports:
    - {name: metrics, port: {{ ternary 9461 9464 (eq .part "connect") }}, targetPort: metrics}
  selector:
    {{- include "treatywatch.selector" . | nindent 4 }}
{{- end -}}
