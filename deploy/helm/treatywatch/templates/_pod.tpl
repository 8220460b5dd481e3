{{/* Labels and annotations of a pod: dict "root" $ "part" "worker" ["shard" "main"] ["annotations" (map)]. */}}
{{- define "treatywatch.podMetadata" -}}
labels:
  {{- include "treatywatch.selector" . | nindent 2 }}
  app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
  {{- with .root.Values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  kubectl.kubernetes.io/default-container: {{ .part }}
  {{- with .annotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with .root.Values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* What holds for every pod. */}}
{{- define "treatywatch.podSpec" -}}
serviceAccountName: {{ include "treatywatch.serviceAccount" . }}
automountServiceAccountToken: false
# Kubernetes would tell of the Service as TREATYWATCH_WEB_PORT=tcp://...: our settings' names, and not theirs.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{/* What holds for every container. */}}
{{- define "treatywatch.container" -}}
image: {{ include "treatywatch.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities: {drop: [ALL]}
  seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{/* Mounts that every container has. */}}
{{- define "treatywatch.mounts" -}}
- {name: data, mountPath: /data}
- {name: tmp, mountPath: /tmp}
{{- if include "treatywatch.kafkaFiles" . }}
- {name: kafka, mountPath: /etc/treatywatch/kafka, readOnly: true}
{{- end }}
{{- end -}}

{{/* Volumes that every pod has, but for `data`. */}}
{{- define "treatywatch.volumes" -}}
- name: tmp
  emptyDir: {sizeLimit: 512Mi}
{{- if include "treatywatch.kafkaFiles" .root }}
{{ include "treatywatch.kafkaVolume" . }}
{{- end }}
{{- end -}}

{{/* Waits until the topics' Job has made what a part needs: a part that came first could make them by asking, with the
     broker's own settings. dict "root" $ "part" "web" "topics" (list). */}}
{{- define "treatywatch.wait" -}}
- name: wait-for-topics
  args: [topics{{ range .topics }}, --wait-for, {{ . }}{{ end }}]
  {{- include "treatywatch.container" .root | nindent 2 }}
  env:
    {{- include "treatywatch.env" (dict "settings" (include "treatywatch.kafka" . | fromYaml)) | nindent 4 }}
  resources: {requests: {cpu: 50m, memory: 64Mi}, limits: {memory: 256Mi}}
  volumeMounts:
    {{- include "treatywatch.mounts" .root | nindent 4 }}
{{- end -}}

{{/* Is it alive: its process answers. Is it ready: it says that it does its work. A worker that reads its state back is
     alive and not ready; to end it then would begin that anew. */}}
{{- define "treatywatch.probes" -}}
startupProbe:
  httpGet: {path: /metrics, port: metrics}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /metrics, port: metrics}
  periodSeconds: 30
  timeoutSeconds: 10
  failureThreshold: 4
readinessProbe:
  {{- if eq .part "web" }}
  httpGet: {path: /healthz, port: http}
  periodSeconds: 10
  {{- else }}
  exec: {command: [treatywatch, health, {{ .part }}]}
  periodSeconds: 30
  {{- end }}
  timeoutSeconds: 10
  failureThreshold: 3
{{- end -}}
